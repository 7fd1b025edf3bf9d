package org.panamind.stage.ppo;

import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.model.Decoder;
import org.panamind.model.rollout.Rollout;
import org.panamind.torch.DType;
import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * A decoder with a head of one number: the reward that is still to come.
 *
 * @param decoder closed with this
 * @param weight of the head, [1, C]
 * @param bias of the head, [1]
 * @param normedTwice whether the final norm is applied to its own result again, as MiniMind2 does
 */
record Critic(Decoder decoder, Tensor weight, Tensor bias, boolean normedTwice)
    implements AutoCloseable {
  private static final String FINAL_NORM = "model.norm.weight";

  /** A head that expects nothing at first. */
  static Critic of(Decoder decoder, boolean normedTwice) {
    long width = decoder.config().hiddenSize();
    var weight = Torch.zeros(DType.FLOAT32, decoder.device(), 1, width);
    var bias = Torch.zeros(DType.FLOAT32, decoder.device(), 1);
    return new Critic(
        decoder,
        weight.keepForever().requiresGrad(true),
        bias.keepForever().requiresGrad(true),
        normedTwice);
  }

  /** All weights by MiniMind's names. */
  Map<String, Tensor> parameters() {
    var all = new LinkedHashMap<>(decoder.parameters());
    all.put("value_head.weight", weight);
    all.put("value_head.bias", bias);
    return all;
  }

  /**
   * What is expected before each token of an answer and after the last.
   *
   * @return [N, R + 1] float32 with a gradient; behind an answer's end it means nothing
   */
  Tensor values(Rollout rollout) {
    var hidden = rollout.forward(decoder).hidden(); // [N, P + R, C]
    var states = hidden.narrow(1, rollout.promptWidth() - 1, rollout.responseWidth() + 1);
    if (normedTwice) {
      var norm = decoder.parameters().get(FINAL_NORM);
      states = Nn.rmsNorm(states, norm, decoder.config().normEps());
    }
    return Nn.linear(states, weight, bias).squeeze(-1).to(DType.FLOAT32); // [N, R + 1]
  }

  @Override
  public void close() {
    decoder.close();
    weight.close();
    bias.close();
  }
}
