package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/** Log-probabilities of given tokens. */
public final class LogProbs {
  private LogProbs() {}

  /**
   * Log-probability of each token under the head's logits divided by the temperature. The logits
   * are computed a few rows at a time, in the backward again, and never held whole.
   *
   * @param hidden [..., C] hidden states that say the tokens
   * @param headWeight [V, C] as of {@link Decoder#headWeight}
   * @param ids [...] int64, each below V
   * @param temperature divides the logits, above 0
   * @return [...] float32 nats, with a gradient to {@code hidden} and {@code headWeight}
   */
  public static Tensor of(Tensor hidden, Tensor headWeight, Tensor ids, double temperature) {
    if (!(temperature > 0))
      throw new ModelConfigException("the temperature is " + temperature + ", must be above 0");
    var states = hidden.flatten(0, -2); // [rows, C]
    return Nn.linearLogProbs(states, headWeight, ids.flatten(0, -1), temperature).view(ids.shape());
  }
}
