package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/** A linear layer without bias, to which low-rank weights can be added. */
final class Projection {
  private final Tensor weight;
  private Adapter adapter;

  /**
   * @param weight [out, in], borrowed from the decoder's parameters
   */
  Projection(Tensor weight) {
    this.weight = weight;
  }

  Tensor weight() {
    return weight;
  }

  /** Adds low-rank weights in place of earlier ones; null takes them away. */
  void adapt(Adapter other) {
    adapter = other;
  }

  /** [..., in] to [..., out]. */
  Tensor apply(Tensor x) {
    var y = Nn.linear(x, weight, null);
    return adapter == null ? y : y.add(adapter.apply(x), adapter.scale());
  }
}
