package org.panamind.model;

/**
 * Sizes and choices of a decoder. Names in messages are the host's flags.
 *
 * @param architecture generation
 * @param vocabSize V, number of token ids
 * @param hiddenSize C, width of the residual stream
 * @param layerCount number of blocks
 * @param headCount H, query heads of a block
 * @param kvHeadCount K, key/value heads of a block, a divisor of H
 * @param headWidth D, width of a head; 0 takes C / H
 * @param feedForwardSize F, width inside the feed-forward part; 0 takes the architecture's rule
 * @param maxPositions longest sequence, in tokens
 * @param normEps added to the mean square in RMSNorm
 * @param ropeTheta base of the rotations' wavelengths
 * @param yarn stretched rotations, or null for plain ones
 * @param tiedEmbedding whether the head is the embedding's weight
 * @param dropout share of elements dropped after the embedding, the attention and in MiniMind2 the
 *     feed-forward part, in [0, 1)
 * @param experts a mixture of experts in each block, or null for plain feed-forward parts
 */
public record ModelConfig(
    Architecture architecture,
    int vocabSize,
    int hiddenSize,
    int layerCount,
    int headCount,
    int kvHeadCount,
    int headWidth,
    int feedForwardSize,
    int maxPositions,
    double normEps,
    double ropeTheta,
    Yarn yarn,
    boolean tiedEmbedding,
    double dropout,
    Experts experts) {
  /** MiniMind2-Small: 25.8 M parameters. */
  public static final ModelConfig DEFAULT = minimind2(6400, 512, 8, 8, 2, 0, 32768, 1e6, null, 0);

  /** minimind-3: 63.9 M parameters. */
  public static final ModelConfig MINIMIND3 =
      minimind3(6400, 768, 8, 8, 4, 0, 0, 32768, 1e6, null, 0);

  /** Checks that the sizes fit together. */
  public ModelConfig {
    if (architecture == null)
      throw new ModelConfigException("--arch is missing, must be minimind2 or minimind3");
    atLeast("vocab_size", vocabSize, 1);
    atLeast("hidden_size", hiddenSize, 2);
    atLeast("num_hidden_layers", layerCount, 1);
    atLeast("num_attention_heads", headCount, 1);
    atLeast("num_key_value_heads", kvHeadCount, 1);
    atLeast("head_dim", headWidth, 0);
    atLeast("intermediate_size", feedForwardSize, 0);
    atLeast("max_position_embeddings", maxPositions, 1);
    divides("num_attention_heads", headCount, "num_key_value_heads", kvHeadCount);
    if (headWidth == 0) {
      divides("hidden_size", hiddenSize, "num_attention_heads", headCount);
      headWidth = hiddenSize / headCount;
    }
    if (headWidth % 2 != 0) {
      throw new ModelConfigException(
          "--hidden_size %d with --num_attention_heads %d makes heads of width %d; rotary embedding wants an even width"
              .formatted(hiddenSize, headCount, headWidth));
    }
    if (feedForwardSize == 0) feedForwardSize = architecture.feedForwardSize(hiddenSize);
    if (!(normEps > 0)) throw new ModelConfigException("--rms_norm_eps is " + normEps);
    if (!(ropeTheta > 0)) throw new ModelConfigException("--rope_theta is " + ropeTheta);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new ModelConfigException(
          "--dropout is " + dropout + ", must be at least 0 and below 1");
    }
    if (experts != null) experts = experts.sized(feedForwardSize);
  }

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
        Architecture.MINIMIND2,
        vocabSize,
        hiddenSize,
        layerCount,
        headCount,
        kvHeadCount,
        0,
        feedForwardSize,
        maxPositions,
        Architecture.MINIMIND2.normEps(),
        ropeTheta,
        yarn,
        true,
        dropout,
        null);
  }

  /**
   * A dense minimind-3: eps 1e-6, heads normalised, the head tied to the embedding.
   *
   * @param headWidth 0 takes C / H
   * @param feedForwardSize 0 takes pi times C rounded up to a multiple of 64
   * @throws ModelConfigException if the sizes do not fit together
   */
  public static ModelConfig minimind3(
      int vocabSize,
      int hiddenSize,
      int layerCount,
      int headCount,
      int kvHeadCount,
      int headWidth,
      int feedForwardSize,
      int maxPositions,
      double ropeTheta,
      Yarn yarn,
      double dropout) {
    return new ModelConfig(
        Architecture.MINIMIND3,
        vocabSize,
        hiddenSize,
        layerCount,
        headCount,
        kvHeadCount,
        headWidth,
        feedForwardSize,
        maxPositions,
        Architecture.MINIMIND3.normEps(),
        ropeTheta,
        yarn,
        true,
        dropout,
        null);
  }

  /** The same with a mixture of experts in each block, or with null without. */
  public ModelConfig with(Experts other) {
    return with(yarn, tiedEmbedding, dropout, other);
  }

  /** The same with stretched rotations, or with null with plain ones. */
  public ModelConfig with(Yarn other) {
    return with(other, tiedEmbedding, dropout, experts);
  }

  /** The same with a head of its own, or tied to the embedding. */
  public ModelConfig withTiedEmbedding(boolean tied) {
    return with(yarn, tied, dropout, experts);
  }

  /** The same with another share of elements dropped in training. */
  public ModelConfig withDropout(double share) {
    return with(yarn, tiedEmbedding, share, experts);
  }

  private ModelConfig with(Yarn yarn, boolean tiedEmbedding, double dropout, Experts experts) {
    return new ModelConfig(
        architecture,
        vocabSize,
        hiddenSize,
        layerCount,
        headCount,
        kvHeadCount,
        headWidth,
        feedForwardSize,
        maxPositions,
        normEps,
        ropeTheta,
        yarn,
        tiedEmbedding,
        dropout,
        experts);
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

  /** Number of trained weights; a tied head shares the embedding's. */
  public long parameterCount() {
    return DecoderParameters.count(this);
  }

  /** Weights that one token meets: all but those of the experts that it is not given to. */
  public long activeParameterCount() {
    if (experts == null) return parameterCount();
    long each = 3L * hiddenSize * experts.feedForwardSize();
    return parameterCount() - layerCount * each * (experts.count() - experts.perToken());
  }

  /**
   * Floating-point operations of one training token: 6 for each weight of a matrix product (forward
   * 2, backward 4) and 12 H D T / 2 a layer for causal attention (Kaplan et al. 2020,
   * arXiv:2001.08361, section 2.1).
   *
   * @param sequenceLength T, tokens of a row
   */
  public double trainingFlopsPerToken(long sequenceLength) {
    return 6.0 * activeParameterCount() + 6.0 * layerCount * headCount * headWidth * sequenceLength;
  }
}
