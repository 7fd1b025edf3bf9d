package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * SwiGLU feed-forward part (Shazeer 2020, arXiv:2002.05202): {@code down(silu(gate(x)) * up(x))}.
 */
record FeedForward(Projection gate, Projection up, Projection down) {
  /** [B, T, C] to [B, T, C]. */
  Tensor apply(Tensor x, Forward context) {
    return context.drop(down.apply(Nn.swiglu(gate.apply(x), up.apply(x))));
  }
}
