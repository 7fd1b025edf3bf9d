package org.panamind.stage.rl;

import org.panamind.torch.Tensor;

/** The formulas that the algorithms share; all elementwise. */
public final class PolicyMath {
  private PolicyMath() {}

  /**
   * The clipped surrogate objective (Schulman et al. 2017, arXiv:1707.06347, eq. 7), negated to be
   * a loss.
   *
   * @param ratio of new to old probability
   * @param advantage broadcast to the ratio's shape
   * @param low the ratio gains nothing below 1 - low
   * @param high nor above 1 + high; larger than low lets unlikely tokens rise (Yu et al. 2025,
   *     arXiv:2503.14476, section 3.1)
   */
  public static Tensor clippedLoss(Tensor ratio, Tensor advantage, double low, double high) {
    var clipped = ratio.clamp(1 - low, 1 + high);
    return ratio.mul(advantage).minimum(clipped.mul(advantage)).neg();
  }

  /**
   * Estimates KL(policy || other) from a token that the policy drew: {@code log p - log q}. Without
   * bias, but as a loss its expected gradient is 0; for use in a reward.
   */
  public static Tensor k1(Tensor policy, Tensor other) {
    return policy.sub(other);
  }

  /** {@code (log p - log q)^2 / 2}: as a loss it has the gradient of the divergence. */
  public static Tensor k2(Tensor policy, Tensor other) {
    return policy.sub(other).square().div(2);
  }

  /**
   * {@code q / p - log(q / p) - 1}: never below 0, without bias (Schulman 2020, "Approximating KL
   * divergence").
   */
  public static Tensor k3(Tensor policy, Tensor other) {
    var difference = other.sub(policy);
    return difference.exp().sub(difference).sub(1);
  }

  /** Mean over what the mask holds; 0 where it holds nothing. */
  public static Tensor mean(Tensor values, Tensor mask) {
    return values.mul(mask).sum().div(mask.sum().clampMin(1));
  }

  /** Mean over what each row of the mask holds, [N]; 0 where it holds nothing. */
  public static Tensor rowMeans(Tensor values, Tensor mask) {
    return values.mul(mask).sum(1, false).div(mask.sum(1, false).clampMin(1));
  }
}
