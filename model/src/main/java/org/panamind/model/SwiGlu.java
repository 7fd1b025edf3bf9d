package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * SwiGLU feed-forward part (Shazeer 2020, arXiv:2002.05202): {@code down(silu(gate(x)) * up(x))}.
 *
 * @param drops whether dropout acts behind it
 */
record SwiGlu(Projection gate, Projection up, Projection down, boolean drops)
    implements FeedForward {
  @Override
  public Tensor apply(Tensor x, Forward context) {
    var y = down.apply(Nn.swiglu(gate.apply(x), up.apply(x))); // [..., C]
    return drops ? context.drop(y) : y;
  }
}
