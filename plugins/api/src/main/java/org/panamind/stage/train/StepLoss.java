package org.panamind.stage.train;

import java.util.Map;
import org.panamind.torch.Tensor;

/**
 * The loss of one micro-batch. The host divides the sums of all micro-batches and ranks of an
 * update by the sum of their weights, so that every token (or sample) counts alike however the
 * batch was cut.
 *
 * @param sum no axis, float32, with its graph: the loss summed over what {@code weight} counts
 * @param weight supervised tokens or samples, at least 0; with 0 the micro-batch contributes
 *     nothing and is counted
 * @param tokens that the model read, without padding, for the tokens per second
 * @param metrics further sums over what {@code weight} counts, without graph, no axis; logged as
 *     means
 */
public record StepLoss(Tensor sum, double weight, long tokens, Map<String, Tensor> metrics) {
  /** A loss with no further metrics. */
  public static StepLoss of(Tensor sum, double weight, long tokens) {
    return new StepLoss(sum, weight, tokens, Map.of());
  }
}
