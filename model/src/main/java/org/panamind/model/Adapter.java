package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * Low-rank weights that are added to a linear layer's (Hu et al. 2021, arXiv:2106.09685): {@code W
 * x + scale * B A x}.
 *
 * @param a [rank, in], borrowed
 * @param b [out, rank], borrowed
 * @param scale alpha / rank
 */
public record Adapter(Tensor a, Tensor b, double scale) {
  /** {@code B A x}, not scaled. */
  Tensor apply(Tensor x) {
    return Nn.linear(Nn.linear(x, a, null), b, null);
  }
}
