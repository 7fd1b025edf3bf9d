package org.panamind.model;

import org.panamind.torch.DType;
import org.panamind.torch.Ix;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * How the next token is drawn from logits. In order: temperature, top-k, top-p (Holtzman et al.
 * 2019, arXiv:1904.09751).
 *
 * @param temperature divides the logits; 0 always takes the likeliest token
 * @param topK only the k likeliest tokens; 0 takes all
 * @param topP only the likeliest tokens that together reach this probability; 1 takes all
 */
public record Sampling(double temperature, int topK, double topP) {
  /** MiniMind's: temperature 0.85, top-p 0.85. */
  public static final Sampling DEFAULT = new Sampling(0.85, 0, 0.85);

  /** Always the likeliest token. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1);

  /** Checks the bounds. */
  public Sampling {
    if (!(temperature >= 0))
      throw new ModelConfigException("--temperature is " + temperature + ", must be at least 0");
    if (topK < 0) throw new ModelConfigException("--top_k is " + topK + ", must be at least 0");
    if (!(topP > 0 && topP <= 1))
      throw new ModelConfigException("--top_p is " + topP + ", must be above 0, at most 1");
  }

  /**
   * Draws a token for each row, from the device's default generator.
   *
   * @param logits [B, V]
   * @return [B, 1] int64
   */
  public Tensor draw(Tensor logits) {
    try (var no = NoGrad.enter()) {
      if (temperature == 0) return logits.argmax(-1, true);
      var scaled = logits.to(DType.FLOAT32).div(temperature);
      if (topK > 0 && topK < scaled.size(-1)) scaled = likeliest(scaled);
      var probabilities = scaled.softmax(-1);
      if (topP < 1) probabilities = nucleus(probabilities);
      return Torch.multinomial(probabilities, 1);
    }
  }

  private Tensor likeliest(Tensor logits) {
    var last = logits.topk(topK, -1)[0].get(Ix.ellipsis(), Ix.slice(topK - 1, topK)); // [B, 1]
    return logits.maskedFill(logits.lt(last), Double.NEGATIVE_INFINITY);
  }

  /** Zero outside the smallest set that reaches topP; the first token always stays. */
  private Tensor nucleus(Tensor probabilities) {
    var sorted = probabilities.sort(-1, true);
    var before = sorted[0].cumsum(-1).sub(sorted[0]); // probability of all likelier ones
    var kept = sorted[0].maskedFill(before.ge(topP), 0);
    return Torch.zerosLike(probabilities).scatter(-1, sorted[1], kept);
  }
}
