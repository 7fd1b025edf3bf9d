package org.panamind.model;

import java.util.ArrayList;
import org.panamind.torch.DType;
import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/** Log-probabilities of given tokens, computed a few rows at a time. */
public final class LogProbs {
  /** Logits of a chunk: 32 MiB in float32. */
  private static final long CHUNK = 8L << 20;

  private LogProbs() {}

  /**
   * Log-probability of each token under the head's logits divided by the temperature.
   *
   * @param hidden [..., C] hidden states that say the tokens
   * @param headWeight [V, C] as of {@link Decoder#headWeight}
   * @param ids [...] int64, each below V
   * @param temperature divides the logits, above 0
   * @return [...] float32 nats, with a gradient to {@code hidden} and {@code headWeight}
   */
  public static Tensor of(Tensor hidden, Tensor headWeight, Tensor ids, double temperature) {
    return of(hidden, headWeight, ids, temperature, Math.max(1, CHUNK / headWeight.size(0)));
  }

  static Tensor of(Tensor hidden, Tensor headWeight, Tensor ids, double temperature, long step) {
    if (!(temperature > 0))
      throw new ModelConfigException("the temperature is " + temperature + ", must be above 0");
    var states = hidden.reshape(-1, hidden.size(-1)); // [rows, C]
    var wanted = ids.reshape(-1, 1); // [rows, 1]
    long rows = states.size(0);
    var parts = new ArrayList<Tensor>();
    for (long start = 0; start < rows; start += step) {
      long count = Math.min(step, rows - start);
      parts.add(
          chunk(
              states.narrow(0, start, count),
              headWeight,
              wanted.narrow(0, start, count),
              temperature));
    }
    if (parts.isEmpty()) return Torch.zeros(DType.FLOAT32, hidden.device(), ids.shape());
    return Torch.cat(parts, 0).view(ids.shape());
  }

  private static Tensor chunk(Tensor states, Tensor weight, Tensor wanted, double temperature) {
    var logits = Nn.linear(states, weight, null).to(DType.FLOAT32).div(temperature); // [n, V]
    return logits.gather(1, wanted).sub(logits.logsumexp(1, true)).squeeze(1); // [n]
  }
}
