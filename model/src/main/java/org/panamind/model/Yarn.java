package org.panamind.model;

/**
 * YaRN's stretched rotations (Peng et al. 2023, arXiv:2309.00071, section 3.2): slow rotations are
 * divided by {@code factor}, fast ones stay, with a linear ramp between.
 *
 * @param factor by how much the context grows
 * @param originalPositions context length, in tokens, that the weights were trained for
 * @param betaFast turns within that length above which a rotation stays
 * @param betaSlow turns within that length below which a rotation is divided
 * @param attentionFactor multiplies the rotation table
 */
public record Yarn(
    double factor,
    int originalPositions,
    double betaFast,
    double betaSlow,
    double attentionFactor) {
  /** MiniMind's: 2,048 positions stretched 16-fold. */
  public static final Yarn DEFAULT = new Yarn(16, 2048, 32, 1, 1);
}
