package org.panamind.stage.grpo;

/** How the tokens' losses become one, and what is clipped. */
public enum LossType {
  /**
   * Mean over each answer's tokens, then over answers (Shao et al. 2024, arXiv:2402.03300, eq. 3).
   */
  GRPO,
  /** Mean over the tokens of all answers of an update (Yu et al. 2025, arXiv:2503.14476, eq. 8). */
  DAPO,
  /**
   * Sum over tokens, divided by answers times the longest that an answer may be (Liu et al. 2025,
   * arXiv:2503.20783, section 3.1).
   */
  DR_GRPO,
  /** Mean over the tokens of all answers of a micro-batch on one rank (TRL's {@code bnpo}). */
  BNPO,
  /**
   * The ratio, cut off above and without gradient, weights the log-probability; mean over the
   * tokens of an update (MiniMax 2025, arXiv:2506.13585, eq. 4).
   */
  CISPO,
  /**
   * One ratio an answer, the geometric mean of its tokens' (Zheng et al. 2025, arXiv:2507.18071,
   * eq. 5); mean over answers.
   */
  GSPO;

  /** Whether the loss of an update is a mean over tokens, rather than over answers. */
  boolean countsTokens() {
    return this == DAPO || this == CISPO;
  }
}
