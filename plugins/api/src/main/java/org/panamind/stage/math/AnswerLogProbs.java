package org.panamind.stage.math;

import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.model.Decoder;
import org.panamind.model.LogProbs;
import org.panamind.torch.DType;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * How likely the supervised tokens of each row are under a decoder. Only their logits are computed.
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
    int rows = batch.rows();
    int length = batch.length();
    int count = Math.toIntExact(batch.supervisedTokens());
    var counts = new long[rows];
    var places = new long[count];
    var targets = new long[count];
    int n = 0;
    for (int i = 0; i < batch.labels().length; i++) {
      if (i % length == 0 || batch.labels()[i] == Row.IGNORED) continue;
      counts[i / length]++;
      places[n] = i - 1; // what stands at t is said by the state at t - 1
      targets[n++] = batch.labels()[i];
    }
    var device = decoder.device();
    var at = Tensor.of(places, count).to(device); // [n]
    var states = hidden.flatten(0, 1).indexSelect(0, at); // [n, C]
    var said = Tensor.of(targets, count).to(device); // [n]
    var logProbs = LogProbs.of(states, decoder.headWeight(), said, 1); // [n]
    // Places differ, so this writes each once and is the same on every run; adding would not be.
    var spread = Torch.zeros(DType.FLOAT32, device, (long) rows * length).scatter(0, at, logProbs);
    return new AnswerLogProbs(spread.view(rows, length).sum(1, false), counts);
  }

  /** Log-probability a token, [B]; 0 for a row without supervised tokens. */
  public Tensor means() {
    var divisors = new float[counts.length];
    for (int i = 0; i < divisors.length; i++) divisors[i] = Math.max(1, counts[i]);
    return sums.div(Tensor.of(divisors, divisors.length).to(sums.device()));
  }
}
