package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * Causal self-attention with shared key/value heads (Ainslie et al. 2023, arXiv:2305.13245) and
 * rotary positions.
 */
final class Attention {
  private final ModelConfig config;
  private final Projection q;
  private final Projection k;
  private final Projection v;
  private final Projection o;

  Attention(ModelConfig config, Projection q, Projection k, Projection v, Projection o) {
    this.config = config;
    this.q = q;
    this.k = k;
    this.v = v;
    this.o = o;
  }

  /**
   * @param x [B, T, C], normalised
   * @param context positions, masks and cache of this forward pass
   * @return [B, T, C]
   */
  Tensor apply(Tensor x, int layer, Forward context) {
    var queries =
        Nn.rope(
            heads(q.apply(x), config.headCount()), context.cos(), context.sin()); // [B, T, H, D]
    var keys =
        Nn.rope(
            heads(k.apply(x), config.kvHeadCount()), context.cos(), context.sin()); // [B, T, K, D]
    var values = heads(v.apply(x), config.kvHeadCount()); // [B, T, K, D]
    if (context.cache() != null) {
      var view = context.cache().append(layer, keys, values);
      keys = view.keys(); // [B, past + T, K, D]
      values = view.values();
    }
    var mixed = Nn.attention(queries, keys, values, context.firstKey()); // [B, T, H, D]
    return context.drop(o.apply(mixed.flatten(2, 3))); // [B, T, C]
  }

  private Tensor heads(Tensor x, int count) {
    return x.view(x.size(0), x.size(1), count, config.headWidth());
  }
}
