package org.panamind.model;

/** The generations of MiniMind's decoder. */
public enum Architecture {
  /**
   * A small Llama: no norm on queries and keys, eps 1e-5, feed-forward width 8/3 of C; first
   * weights uniform within 1/sqrt(in).
   */
  MINIMIND2(1e-5),

  /**
   * A small Qwen3: RMSNorm on each head of queries and keys, eps 1e-6, feed-forward width pi times
   * C; first weights normal with deviation 0.02.
   */
  MINIMIND3(1e-6);

  private final double normEps;

  Architecture(double normEps) {
    this.normEps = normEps;
  }

  /** What RMSNorm adds to the mean square, unless a config says otherwise. */
  public double normEps() {
    return normEps;
  }

  /** Whether each head of queries and keys is normalised. */
  boolean normalisesHeads() {
    return this == MINIMIND3;
  }

  /** Whether dropout acts behind the feed-forward part too. */
  boolean dropsFeedForward() {
    return this == MINIMIND2;
  }

  /** F for a width of C: a multiple of 64. */
  int feedForwardSize(int hiddenSize) {
    return switch (this) {
      case MINIMIND2 -> (hiddenSize * 8 / 3 + 63) / 64 * 64;
      case MINIMIND3 -> (int) Math.ceil(hiddenSize * Math.PI / 64) * 64;
    };
  }
}
