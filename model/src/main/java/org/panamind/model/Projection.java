package org.panamind.model;

import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * A linear layer without bias.
 *
 * @param weight [out, in], borrowed from the decoder's parameters
 */
record Projection(Tensor weight) {
  /** [..., in] to [..., out]. */
  Tensor apply(Tensor x) {
    return Nn.linear(x, weight, null);
  }
}
