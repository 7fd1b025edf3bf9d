package org.panamind.model;

import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * How the next token is drawn from logits. In order: temperature, repetition penalty (Keskar et al.
 * 2019, arXiv:1909.05858, section 4.1), top-k, top-p (Holtzman et al. 2019, arXiv:1904.09751),
 * min-p (Nguyen et al. 2024, arXiv:2407.01082).
 *
 * @param temperature divides the logits; 0 always takes the likeliest token
 * @param topK only the k likeliest tokens; 0 takes all
 * @param topP only the likeliest tokens that together reach this probability; 1 takes all
 * @param minP only tokens at least this share as likely as the likeliest; 0 takes all
 * @param repetitionPenalty divides the logits of tokens that stand in the text already, or
 *     multiplies those below 0; 1 for none
 */
public record Sampling(
    double temperature, int topK, double topP, double minP, double repetitionPenalty) {
  /** Likeliest tokens that are tried before all are sorted. */
  private static final int FEW = 256;

  /** Times a float32 total it is below that total; with half the distance to 1 it may round up. */
  private static final double LARGEST_UNIFORM = 1 - 0x1p-23;

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
    if (!(minP >= 0 && minP <= 1))
      throw new ModelConfigException("--min_p is " + minP + ", must be at least 0, at most 1");
    if (!(repetitionPenalty > 0))
      throw new ModelConfigException(
          "--repetition_penalty is " + repetitionPenalty + ", must be above 0");
  }

  /** Without min-p and repetition penalty. */
  public Sampling(double temperature, int topK, double topP) {
    this(temperature, topK, topP, 0, 1);
  }

  /**
   * Tokens drawn, one a row.
   *
   * @param ids [B, 1] int64
   * @param logProbs [B, 1] float32 under the distribution that was drawn from; 0 at temperature 0
   * @param fullLogProbs [B, 1] float32 at the temperature (at 0: at 1), with no token cut or
   *     penalised: what {@link LogProbs} gives for the same weights
   */
  public record Draw(Tensor ids, Tensor logProbs, Tensor fullLogProbs) {}

  /** Whether {@link Draw#logProbs} can differ from {@link Draw#fullLogProbs}. */
  public boolean narrows() {
    return temperature == 0 || topK > 0 || topP < 1 || minP > 0 || repetitionPenalty != 1;
  }

  /** Whether drawing needs to know which tokens stand in the text. */
  public boolean looksBack() {
    return repetitionPenalty != 1;
  }

  /**
   * Draws a token for each row, from the device's default generator.
   *
   * @param logits [B, V]
   * @param seen [B, V] bool, tokens in the text so far; needed if {@link #looksBack}, else null
   */
  public Draw draw(Tensor logits, Tensor seen) {
    return draw(logits, seen, Torch.rand(DType.FLOAT32, logits.device(), logits.size(0), 1));
  }

  /**
   * Draws a token for each row by a given number, so that no row's token depends on other rows: the
   * first at which the probabilities, added up, exceed that number.
   *
   * @param logits [B, V]
   * @param seen [B, V] bool, tokens in the text so far; needed if {@link #looksBack}, else null
   * @param uniform [B, 1] float32, evenly distributed from 0 to below 1; not looked at at
   *     temperature 0
   */
  public Draw draw(Tensor logits, Tensor seen, Tensor uniform) {
    try (var no = NoGrad.enter()) {
      var full = atTemperature(logits.to(DType.FLOAT32)); // [B, V]
      var scores = looksBack() ? penalised(full, seen) : full;
      if (temperature == 0) {
        var ids = scores.argmax(-1, true); // [B, 1]
        return new Draw(
            ids,
            Torch.zeros(DType.FLOAT32, logits.device(), ids.shape()),
            full.logSoftmax(-1).gather(-1, ids));
      }
      // Likeliest first, where order matters; the place drawn is then a rank.
      var ranked = ranked(scores);
      var probabilities = cut(ranked).softmax(-1); // [B, k]
      var place = place(probabilities, uniform); // [B, 1]
      var ids = ranked.ids() == null ? place : ranked.ids().gather(-1, place); // [B, 1]
      var drawn = probabilities.gather(-1, place).log(); // [B, 1]
      return new Draw(ids, drawn, narrows() ? full.logSoftmax(-1).gather(-1, ids) : drawn);
    }
  }

  private Tensor atTemperature(Tensor logits) {
    return temperature == 0 || temperature == 1 ? logits : logits.div(temperature);
  }

  private static Tensor place(Tensor probabilities, Tensor uniform) {
    var reached = probabilities.cumsum(-1); // [B, k]
    long last = reached.size(-1) - 1;
    var threshold = reached.narrow(-1, last, 1).mul(uniform.clampMax(LARGEST_UNIFORM)); // [B, 1]
    // Not past the end, even where a probability is no number.
    return reached.searchSorted(threshold, true).clampMax(last);
  }

  private Tensor penalised(Tensor scores, Tensor seen) {
    var lowered =
        Torch.where(scores.gt(0), scores.div(repetitionPenalty), scores.mul(repetitionPenalty));
    return Torch.where(seen, lowered, scores);
  }

  /**
   * Scores that may be drawn.
   *
   * @param scores [B, k], from the likeliest on if there are ids
   * @param ids [B, k], or null where each place is its id
   * @param logSum [B, 1] logarithm of the sum that makes them probabilities; the scores may leave
   *     out unlikely tokens that it counts
   */
  private record Ranked(Tensor scores, Tensor ids, Tensor logSum) {}

  private Ranked ranked(Tensor scores) {
    if (topK > 0 && topK < scores.size(-1)) {
      var best = scores.topk(topK, -1);
      return new Ranked(best[0], best[1], best[0].logsumexp(-1, true));
    }
    if (topP == 1) return new Ranked(scores, null, null);
    var logSum = scores.logsumexp(-1, true); // [B, 1]
    // Sorting all tokens takes as long as the model itself on a CPU, and a few mostly suffice.
    if (scores.device().equals(Device.CPU) && scores.size(-1) > FEW) {
      var best = scores.topk(FEW, -1);
      double reached = best[0].sub(logSum).exp().sum(-1, false).min().item();
      if (reached > topP) return new Ranked(best[0], best[1], logSum);
    }
    var sorted = scores.sort(-1, true);
    return new Ranked(sorted[0], sorted[1], logSum);
  }

  /** Minus infinity outside what top-p and min-p leave; the likeliest always stays. */
  private Tensor cut(Ranked ranked) {
    var kept = ranked.scores();
    if (topP < 1) {
      var probabilities = kept.sub(ranked.logSum()).exp();
      var before = probabilities.cumsum(-1).sub(probabilities); // probability of all likelier ones
      kept = kept.maskedFill(before.ge(topP), Double.NEGATIVE_INFINITY);
    }
    if (minP > 0) {
      var floor = kept.amax(-1, true).add(Math.log(minP)); // [B, 1]
      kept = kept.maskedFill(kept.lt(floor), Double.NEGATIVE_INFINITY);
    }
    return kept;
  }
}
