package org.panamind.stage.spo;

/**
 * How much of an old belief is kept: the less, the further the policy has moved (arXiv:2509.13232,
 * section 3.2, eq. 5).
 *
 * @param halfLife mean change of a token's log-probability that halves it, nats
 * @param least share that is always kept
 * @param most share that is never exceeded
 */
record Forgetting(double halfLife, double least, double most) {
  /**
   * The share that is kept.
   *
   * @param change mean absolute change of log-probability over an answer's tokens, nats
   */
  double kept(double change) {
    return Math.clamp(Math.pow(2, -change / halfLife), least, most);
  }
}
