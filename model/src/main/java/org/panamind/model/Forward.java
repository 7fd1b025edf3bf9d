package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * What all layers share in one forward pass.
 *
 * @param cos rotations of these positions, [T, D]
 * @param sin likewise
 * @param firstKey [B, T] first visible key, or null
 * @param cache earlier keys and values, or null
 * @param dropout share of elements to drop; 0 outside training
 */
record Forward(Tensor cos, Tensor sin, Tensor firstKey, KvCache cache, double dropout) {
  Tensor drop(Tensor x) {
    return Nn.dropout(x, dropout, true);
  }
}
