package org.panamind.model;

/**
 * Sizes and choices of a decoder. Names in messages are the host's flags.
 *
 * @param vocabSize V, number of token ids
 * @param hiddenSize C, width of the residual stream
 * @param layerCount number of blocks
 * @param headCount H, query heads of a block
 * @param kvHeadCount K, key/value heads of a block, a divisor of H
 * @param feedForwardSize F, width inside the feed-forward part; 0 takes 8/3 of C rounded up to a
 *     multiple of 64
 * @param maxPositions longest sequence, in tokens
 * @param normEps added to the mean square in RMSNorm
 * @param ropeTheta base of the rotations' wavelengths
 * @param yarn stretched rotations, or null for plain ones
 * @param dropout share of elements dropped after the embedding, the attention and the feed-forward
 *     part, in [0, 1)
 */
public record ModelConfig(
    int vocabSize,
    int hiddenSize,
    int layerCount,
    int headCount,
    int kvHeadCount,
    int feedForwardSize,
    int maxPositions,
    double normEps,
    double ropeTheta,
    Yarn yarn,
    double dropout) {
  /** MiniMind2-Small: 25.8 M parameters. */
  public static final ModelConfig DEFAULT =
      new ModelConfig(6400, 512, 8, 8, 2, 0, 32768, 1e-5, 1e6, null, 0);

  /**
   * A dense MiniMind2: eps 1e-5, heads of width C / H.
   *
   * @param feedForwardSize 0 takes 8/3 of C rounded up to a multiple of 64
   * @throws ModelConfigException if the sizes do not fit together
   */
  public static ModelConfig minimind2(
      int vocabSize,
      int hiddenSize,
      int layerCount,
      int headCount,
      int kvHeadCount,
      int feedForwardSize,
      int maxPositions,
      double ropeTheta,
      Yarn yarn,
      double dropout) {
    return new ModelConfig(
        vocabSize,
        hiddenSize,
        layerCount,
        headCount,
        kvHeadCount,
        feedForwardSize,
        maxPositions,
        1e-5,
        ropeTheta,
        yarn,
        dropout);
  }

  /** Checks that the sizes fit together. */
  public ModelConfig {
    atLeast("vocab_size", vocabSize, 1);
    atLeast("hidden_size", hiddenSize, 2);
    atLeast("num_hidden_layers", layerCount, 1);
    atLeast("num_attention_heads", headCount, 1);
    atLeast("num_key_value_heads", kvHeadCount, 1);
    atLeast("max_position_embeddings", maxPositions, 1);
    divides("hidden_size", hiddenSize, "num_attention_heads", headCount);
    divides("num_attention_heads", headCount, "num_key_value_heads", kvHeadCount);
    if (hiddenSize / headCount % 2 != 0) {
      throw new ModelConfigException(
          "--hidden_size %d over --num_attention_heads %d makes heads of width %d; rotary embedding wants an even width"
              .formatted(hiddenSize, headCount, hiddenSize / headCount));
    }
    if (feedForwardSize < 0)
      throw new ModelConfigException("--intermediate_size is " + feedForwardSize);
    if (feedForwardSize == 0) feedForwardSize = (hiddenSize * 8 / 3 + 63) / 64 * 64;
    if (!(dropout >= 0 && dropout < 1)) {
      throw new ModelConfigException(
          "--dropout is " + dropout + ", must be at least 0 and below 1");
    }
  }

  private static void atLeast(String flag, int value, int bound) {
    if (value < bound) {
      throw new ModelConfigException(
          "--%s is %d, must be at least %d".formatted(flag, value, bound));
    }
  }

  private static void divides(String flag, int value, String by, int divisor) {
    if (value % divisor != 0) {
      throw new ModelConfigException(
          "--%s %d is not a multiple of --%s %d".formatted(flag, value, by, divisor));
    }
  }

  /** D, width of a head. */
  public int headWidth() {
    return hiddenSize / headCount;
  }

  /** Number of trained weights; the head shares the embedding's. */
  public long parameterCount() {
    long c = hiddenSize;
    long kv = (long) kvHeadCount * headWidth();
    long attention = 2 * c * c + 2 * c * kv;
    long block = attention + 3 * c * feedForwardSize + 2 * c;
    return vocabSize * c + layerCount * block + c;
  }

  /**
   * Floating-point operations of one training token: 6 for each weight of a matrix product (forward
   * 2, backward 4) and 12 C T / 2 a layer for causal attention (Kaplan et al. 2020,
   * arXiv:2001.08361, section 2.1).
   *
   * @param sequenceLength T, tokens of a row
   */
  public double trainingFlopsPerToken(long sequenceLength) {
    return 6.0 * parameterCount() + 6.0 * layerCount * hiddenSize * sequenceLength;
  }
}
