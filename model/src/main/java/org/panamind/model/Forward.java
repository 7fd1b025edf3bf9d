package org.panamind.model;

import java.util.List;
import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * What all layers share in one forward pass.
 *
 * @param cos rotations of these positions, [T, D] or [B, T, D]
 * @param sin likewise
 * @param firstKey [B, T] first visible key, or null
 * @param cache earlier keys and values, or null
 * @param training whether dropout and balance losses are wanted
 * @param dropout share of elements to drop; 0 outside training
 * @param balanceLosses takes one a layer with experts, no axis each
 */
record Forward(
    Tensor cos,
    Tensor sin,
    Tensor firstKey,
    KvCache cache,
    boolean training,
    double dropout,
    List<Tensor> balanceLosses) {
  Tensor drop(Tensor x) {
    return Nn.dropout(x, dropout, true);
  }
}
