package org.panamind.stage.dpo;

import org.panamind.torch.Tensor;

/** How far a pair's margin is from what it should be. */
public enum LossType {
  /** Rafailov et al. 2023, arXiv:2305.18290, eq. 7: {@code -log sigmoid(beta h)}. */
  SIGMOID {
    @Override
    Tensor of(Tensor margin, double beta) {
      return margin.mul(beta).logSigmoid().neg();
    }
  },
  /** Azar et al. 2023, arXiv:2310.12036, eq. 17: {@code (h - 1 / (2 beta))^2}. */
  IPO {
    @Override
    Tensor of(Tensor margin, double beta) {
      return margin.sub(1 / (2 * beta)).square();
    }
  },
  /** Zhao et al. 2023, arXiv:2305.10425 (SLiC): {@code max(0, 1 - beta h)}. */
  HINGE {
    @Override
    Tensor of(Tensor margin, double beta) {
      return margin.mul(beta).rsub(1).relu();
    }
  };

  /**
   * The loss of each pair.
   *
   * @param margin h: how much more than the reference the policy prefers the chosen answer, [B]
   *     nats
   * @return [B]
   */
  abstract Tensor of(Tensor margin, double beta);
}
