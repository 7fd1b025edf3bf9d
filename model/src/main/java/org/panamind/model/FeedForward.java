package org.panamind.model;

import org.panamind.torch.Tensor;

/** The part of a block that looks at each token alone. */
sealed interface FeedForward permits SwiGlu, MixtureOfExperts {
  /** [B, T, C] to [B, T, C]. */
  Tensor apply(Tensor x, Forward context);
}
