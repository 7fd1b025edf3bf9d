package org.panamind.stage.ppo;

/** Where the divergence from the reference counts. */
public enum Divergence {
  /**
   * Each token's reward is less by {@code log p - log q} (Ouyang et al. 2022, arXiv:2203.02155).
   */
  REWARD,
  /** {@code (log p - log q)^2 / 2} in the loss, whose gradient is the divergence's. */
  K2,
  /** {@code q / p - log(q / p) - 1} in the loss. */
  K3
}
