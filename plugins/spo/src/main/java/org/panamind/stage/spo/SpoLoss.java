package org.panamind.stage.spo;

import org.panamind.stage.rl.PolicyMath;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * The clipped loss of tokens, bounded for bad answers (Ye et al. 2020, arXiv:1912.09729, eq. 7).
 *
 * @param low a ratio gains nothing below 1 - low
 * @param high nor above 1 + high
 * @param dual most that the ratio of a bad answer counts, 0 for no limit
 */
record SpoLoss(double low, double high, double dual) {
  /**
   * The loss of each token.
   *
   * @param now log-probabilities with a gradient, [N, R]
   * @param before under the weights that drew, [N, R]
   * @param advantages [N, 1]
   * @return [N, R]
   */
  Tensor of(Tensor now, Tensor before, Tensor advantages) {
    var ratio = now.sub(before).exp();
    var loss = PolicyMath.clippedLoss(ratio, advantages, low, high);
    if (dual == 0) return loss;
    return Torch.where(advantages.lt(0), loss.minimum(advantages.mul(-dual)), loss);
  }
}
