package org.panamind.stage.rl;

import org.panamind.model.Activations;
import org.panamind.model.Decoder;
import org.panamind.model.rollout.Rollout;
import org.panamind.torch.Tensor;

/**
 * How likely a decoder finds the tokens that were drawn.
 *
 * @param values [N, R] float32 nats, with a gradient; 0 outside the mask
 * @param pass the decoder's, with its balance loss
 */
public record TokenLogProbs(Tensor values, Activations pass) {
  /**
   * Computes them.
   *
   * @param form what MiniMind has otherwise
   */
  public static TokenLogProbs of(Decoder decoder, Rollout rollout, Form form) {
    var pass =
        form.seesPadding() ? decoder.forward(rollout.ids(), null, null) : rollout.forward(decoder);
    return new TokenLogProbs(rollout.logProbsUnder(decoder, pass, form.temperature()), pass);
  }

  /**
   * Under which distribution tokens are judged.
   *
   * @param temperature divides the logits: the one that tokens were drawn at, or 1 as MiniMind has
   *     it
   * @param seesPadding whether the padding before a prompt is seen, as MiniMind's GRPO and SPO have
   *     it
   */
  public record Form(double temperature, boolean seesPadding) {
    /** That of MiniMind2's GRPO and SPO. */
    public static final Form MINIMIND2 = new Form(1, true);
  }
}
