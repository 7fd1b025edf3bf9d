package org.panamind.stage.train;

import org.panamind.torch.Tensor;

/**
 * A micro-batch's part of a mean: the host adds up sums and weights over micro-batches and ranks,
 * and divides one by the other.
 *
 * @param sum no axis, without graph
 * @param weight what the sum is over; with 0 the sum is not looked at
 */
public record Mean(Tensor sum, double weight) {
  /** The mean of this part alone, waiting for the device. */
  public double value() {
    return sum.item() / weight;
  }
}
