package org.panamind.stage.spo;

/**
 * What is believed of the reward, 0 to 1, that answers to a prompt get: a Beta distribution.
 *
 * @param alpha weight of successes
 * @param beta weight of failures
 */
record Belief(double alpha, double beta) {
  /** The expected reward. */
  double value() {
    return alpha / (alpha + beta);
  }

  /**
   * Before anything was learned: as much weight as the slowest forgetting keeps, spread as a few
   * answers suggest (arXiv:2509.13232, section 3.2).
   *
   * @param successes summed rewards of these answers
   * @param answers how many, possibly 0
   * @param slowest share that is kept of old beliefs when the policy changes most
   */
  static Belief initial(double successes, int answers, double slowest) {
    double weight = 1 / (1 - slowest);
    double share = (successes + 0.5) / (answers + 1);
    return new Belief(weight * share, weight * (1 - share));
  }

  /**
   * After another answer (section 3.2, eq. 6).
   *
   * @param reward from 0 to 1
   * @param kept share that is kept of what was believed
   */
  Belief after(double reward, double kept) {
    return new Belief(kept * alpha + reward, kept * beta + 1 - reward);
  }
}
