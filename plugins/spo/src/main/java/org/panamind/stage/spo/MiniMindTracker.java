package org.panamind.stage.spo;

/**
 * MiniMind2's value tracker: one for all prompts, with rewards from -3 to 3 as 0 to 1, and a memory
 * by the difference of the mean log-probabilities of two batches.
 */
final class MiniMindTracker {
  private static final double SCALE = 3;
  private static final double FIRST = 0.9;
  private static final Forgetting FORGETTING = new Forgetting(0.06, 0.5, 0.96);

  private Belief belief = new Belief(1, 1);
  private double before = Double.NaN;

  /** Expected reward, in rewards' own scale. */
  double baseline() {
    return belief.value() * 2 * SCALE - SCALE;
  }

  Belief belief() {
    return belief;
  }

  /**
   * Learns from a batch.
   *
   * @param meanReward over its answers
   * @param meanLogProb over their tokens, nats
   * @return the share of the old belief that was kept
   */
  double learn(double meanReward, double meanLogProb) {
    double kept = Double.isNaN(before) ? FIRST : FORGETTING.kept(Math.abs(before - meanLogProb));
    before = meanLogProb;
    belief = belief.after((meanReward + SCALE) / (2 * SCALE), kept);
    return kept;
  }

  String text() {
    return belief.alpha() + " " + belief.beta() + " " + before;
  }

  void read(String text) {
    var parts = text.split(" ");
    belief = new Belief(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
    before = Double.parseDouble(parts[2]);
  }
}
