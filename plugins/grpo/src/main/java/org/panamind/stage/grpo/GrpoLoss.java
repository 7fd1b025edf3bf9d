package org.panamind.stage.grpo;

import org.panamind.stage.rl.PolicyMath;
import org.panamind.torch.Tensor;

/**
 * The loss of drawn answers.
 *
 * @param type how tokens become one loss
 * @param clipLow how far below 1 a ratio still counts
 * @param clipHigh how far above
 * @param beta weight of the divergence from the reference
 * @param maxGenLen most tokens of an answer
 */
record GrpoLoss(LossType type, double clipLow, double clipHigh, double beta, int maxGenLen) {
  /**
   * What is known of the tokens of N answers; the tensors [N, R] float32 but for advantages.
   *
   * @param now log-probabilities with a gradient
   * @param before under the weights that drew
   * @param reference under the reference
   * @param advantages [N, 1]
   * @param mask 1 on what counts
   */
  record Tokens(Tensor now, Tensor before, Tensor reference, Tensor advantages, Tensor mask) {}

  /**
   * The loss, summed over what the weight of a step counts: tokens or answers.
   *
   * @param answers that count
   * @return no axis
   */
  Tensor sum(Tokens tokens, int answers) {
    var losses = losses(tokens).add(PolicyMath.k3(tokens.now, tokens.reference), beta); // [N, R]
    return switch (type) {
      case GRPO, GSPO -> PolicyMath.rowMeans(losses, tokens.mask).sum();
      case DAPO, CISPO -> losses.mul(tokens.mask).sum();
      case DR_GRPO -> losses.mul(tokens.mask).sum().div(maxGenLen);
      case BNPO -> PolicyMath.mean(losses, tokens.mask).mul(answers);
    };
  }

  /** Of each token, without the divergence. */
  private Tensor losses(Tokens tokens) {
    var ratio = ratio(tokens);
    if (type == LossType.CISPO) {
      var weight = ratio.detach().clampMax(1 + clipHigh);
      return weight.mul(tokens.advantages).mul(tokens.now).neg();
    }
    return PolicyMath.clippedLoss(ratio, tokens.advantages, clipLow, clipHigh).expandAs(tokens.now);
  }

  /** New to old probability, of each token or of each answer: [N, R] or [N, 1]. */
  Tensor ratio(Tokens tokens) {
    var logRatio = tokens.now.sub(tokens.before);
    return type == LossType.GSPO
        ? PolicyMath.rowMeans(logRatio, tokens.mask).unsqueeze(1).exp()
        : logRatio.exp();
  }

  /** Share of the tokens whose gradient the clipping takes away, or cuts off with CISPO. */
  Tensor clippedShare(Tokens tokens) {
    var ratio = ratio(tokens).detach().expandAs(tokens.now);
    var clipped = ratio.gt(1 + clipHigh);
    if (type != LossType.CISPO) {
      var low = ratio.lt(1 - clipLow).and(tokens.advantages.lt(0));
      clipped = clipped.and(tokens.advantages.gt(0)).or(low);
    }
    return PolicyMath.mean(clipped.to(tokens.now.dtype()), tokens.mask);
  }
}
