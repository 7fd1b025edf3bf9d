package org.panamind.host.train;

import java.util.Map;

/**
 * What one update was.
 *
 * @param step counted from 1
 * @param epoch from 0, of the data that comes next
 * @param loss mean over what the weights count
 * @param gradNorm L2 norm before clipping
 * @param learningRate in force
 * @param verdict whether the weights moved, and why not
 * @param skipped updates so far that were refused
 * @param tokens that the model read
 * @param supervised those of them that the loss learns to say
 * @param weight what the loss is a mean over: tokens, samples
 * @param flops floating-point operations by the stage's estimate
 * @param emptyMicroBatches those with nothing to learn from
 * @param metrics the stage's own, means
 */
record UpdateReport(
    long step,
    long epoch,
    double loss,
    double gradNorm,
    double learningRate,
    Verdict verdict,
    long skipped,
    long tokens,
    long supervised,
    double weight,
    double flops,
    int emptyMicroBatches,
    Map<String, Double> metrics) {
  /** Whether the weights moved. */
  boolean applied() {
    return verdict == Verdict.TAKEN;
  }
}
