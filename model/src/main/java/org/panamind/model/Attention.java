package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * Causal self-attention with shared key/value heads (Ainslie et al. 2023, arXiv:2305.13245) and
 * rotary positions.
 *
 * @param qNorm [D] normalises each head of the queries before it is rotated, or null
 * @param kNorm likewise the keys
 */
record Attention(
    ModelConfig config,
    Projection q,
    Projection k,
    Projection v,
    Projection o,
    Tensor qNorm,
    Tensor kNorm) {
  /**
   * @param x [B, T, C], normalised
   * @param context positions, masks and cache of this forward pass
   * @return [B, T, C]
   */
  Tensor apply(Tensor x, int layer, Forward context) {
    var queries = rotated(heads(q.apply(x), config.headCount()), qNorm, context); // [B, T, H, D]
    var keys = rotated(heads(k.apply(x), config.kvHeadCount()), kNorm, context); // [B, T, K, D]
    var values = heads(v.apply(x), config.kvHeadCount()); // [B, T, K, D]
    if (context.cache() != null) {
      var view = context.cache().append(layer, keys, values);
      keys = view.keys(); // [B, past + T, K, D]
      values = view.values();
    }
    var mixed = Nn.attention(queries, keys, values, context.firstKey()); // [B, T, H, D]
    return context.drop(o.apply(mixed.flatten(2, 3))); // [B, T, C]
  }

  private Tensor rotated(Tensor x, Tensor norm, Forward context) {
    var normed = norm == null ? x : Nn.rmsNorm(x, norm, config.normEps());
    return Nn.rope(normed, context.cos(), context.sin());
  }

  private Tensor heads(Tensor x, int count) {
    return x.view(x.size(0), x.size(1), count, config.headWidth());
  }
}
