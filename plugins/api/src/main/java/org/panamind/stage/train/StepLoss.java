package org.panamind.stage.train;

import java.util.Map;
import org.panamind.torch.Tensor;

/**
 * The loss of one micro-batch. The host divides the sums of all micro-batches and ranks of an
 * update by the sum of their weights, so that every token (or sample) counts alike however the
 * batch was cut.
 *
 * @param sum no axis, float32, with its graph: the loss summed over what {@code weight} counts
 * @param weight what the sum is over: supervised tokens, pairs, samples, or the sum of the tokens'
 *     own weights; at least 0. With 0 the micro-batch contributes nothing and is counted
 * @param supervised tokens that the loss learns to say, whatever {@code weight} counts; for the
 *     share of them among {@code tokens}
 * @param tokens that the model read, without padding, for the tokens per second
 * @param metrics further means that are logged, each over what it counts. Their names must be the
 *     same on every call and on every rank, also where their weight is 0: ranks add them up
 *     together
 */
public record StepLoss(
    Tensor sum, double weight, long supervised, long tokens, Map<String, Mean> metrics) {
  /** A mean over supervised tokens, with no further metrics. */
  public static StepLoss of(Tensor sum, long supervised, long tokens) {
    return new StepLoss(sum, supervised, supervised, tokens, Map.of());
  }

  /** The same with another sum. */
  public StepLoss with(Tensor sum) {
    return new StepLoss(sum, weight, supervised, tokens, metrics);
  }
}
