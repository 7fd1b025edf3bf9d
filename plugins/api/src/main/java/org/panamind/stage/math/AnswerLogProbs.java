package org.panamind.stage.math;

import org.panamind.dataset.batch.Batch;
import org.panamind.model.Decoder;
import org.panamind.model.LogProbs;
import org.panamind.torch.DType;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * How likely the supervised tokens of each row are under a decoder.
 *
 * @param sums log-probability of each row's supervised tokens together, [B] float32 nats, with a
 *     gradient; 0 for a row without any
 * @param counts how many these are, [B]
 */
public record AnswerLogProbs(Tensor sums, long[] counts) {
  /**
   * Computes them.
   *
   * @param hidden [B, T, C] as the decoder gives it for this batch
   */
  public static AnswerLogProbs of(Decoder decoder, Tensor hidden, Batch batch) {
    var device = decoder.device();
    var supervised = Supervised.of(batch, device);
    var states = supervised.states(hidden); // [n, C]
    var logProbs = LogProbs.of(states, decoder.headWeight(), supervised.targets(), 1); // [n]
    // Places differ, so this writes each once and is the same on every run; adding would not be.
    long positions = (long) batch.rows() * batch.length();
    var spread =
        Torch.zeros(DType.FLOAT32, device, positions).scatter(0, supervised.places(), logProbs);
    var sums = spread.view(batch.rows(), batch.length()).sum(1, false); // [B]
    return new AnswerLogProbs(sums, supervised.counts());
  }

  /** Log-probability a token, [B]; 0 for a row without supervised tokens. */
  public Tensor means() {
    var divisors = new float[counts.length];
    for (int i = 0; i < divisors.length; i++) divisors[i] = Math.max(1, counts[i]);
    return sums.div(Tensor.of(divisors, divisors.length).to(sums.device()));
  }
}
