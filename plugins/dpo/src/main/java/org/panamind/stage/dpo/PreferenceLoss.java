package org.panamind.stage.dpo;

import org.panamind.torch.Tensor;

/**
 * The loss of pairs from their log-probabilities.
 *
 * @param beta strength of the tie to the reference
 * @param mean whether an answer's log-probability is that of a token, which is MiniMind2's form, in
 *     place of that of the whole answer, which is the paper's
 * @param type form of the loss
 * @param smoothing share of pairs thought to be labelled the wrong way round (Mitchell 2023,
 *     "conservative DPO"): they count with their margin turned round
 */
record PreferenceLoss(double beta, boolean mean, LossType type, double smoothing) {
  /**
   * The loss of each pair.
   *
   * @param policy log-probabilities of chosen and rejected answers, each [B]
   * @param reference the same under the reference
   */
  Tensor of(Pair policy, Pair reference) {
    var margin = margin(policy, reference); // [B]
    var loss = type.of(margin, beta);
    if (smoothing == 0) return loss;
    return loss.mul(1 - smoothing).add(type.of(margin.neg(), beta), smoothing);
  }

  /** How much more than the reference the policy prefers the chosen answer, [B] nats. */
  static Tensor margin(Pair policy, Pair reference) {
    return policy.chosen().sub(policy.rejected()).sub(reference.chosen().sub(reference.rejected()));
  }

  /**
   * Log-probabilities of the answers of B pairs.
   *
   * @param chosen [B] nats
   * @param rejected [B] nats
   */
  record Pair(Tensor chosen, Tensor rejected) {
    /** Of [2B] values, the chosen answers' first. */
    static Pair of(Tensor both) {
      long pairs = both.size(0) / 2;
      return new Pair(both.narrow(0, 0, pairs), both.narrow(0, pairs, pairs));
    }
  }
}
