package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/** One layer: attention and feed-forward, each behind its norm and added to the residual stream. */
record Block(
    Tensor attentionNorm,
    Attention attention,
    Tensor feedForwardNorm,
    FeedForward feedForward,
    double eps) {
  /** [B, T, C] to [B, T, C]. */
  Tensor apply(Tensor x, int layer, Forward context) {
    var attended = x.add(attention.apply(Nn.rmsNorm(x, attentionNorm, eps), layer, context));
    return attended.add(feedForward.apply(Nn.rmsNorm(attended, feedForwardNorm, eps), context));
  }
}
