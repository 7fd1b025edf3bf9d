package org.panamind.stage.options;

import org.panamind.model.ModelConfig;
import org.panamind.stage.config.Option;

/**
 * Sizes of a decoder, by MiniMind's names. Whether they fit together is checked when the decoder's
 * config is made.
 *
 * @param hiddenSize width of the residual stream
 * @param numHiddenLayers number of blocks
 * @param numAttentionHeads query heads of a block
 * @param numKeyValueHeads key/value heads of a block
 * @param intermediateSize width inside the feed-forward part, or null for 8/3 of the hidden size
 * @param maxPositionEmbeddings longest sequence
 * @param ropeTheta base of the rotations' wavelengths
 * @param dropout share of elements dropped in training
 */
public record ModelOptions(
    @Option(help = "width of the residual stream") int hiddenSize,
    @Option(help = "number of blocks") int numHiddenLayers,
    @Option(help = "query heads of a block") int numAttentionHeads,
    @Option(help = "key/value heads of a block") int numKeyValueHeads,
    @Option(help = "width inside the feed-forward part; none takes 8/3 of the hidden size")
        Integer intermediateSize,
    @Option(help = "longest sequence the model can take", unit = "tokens")
        int maxPositionEmbeddings,
    @Option(help = "base of the rotary wavelengths") double ropeTheta,
    @Option(help = "share of elements dropped in training") double dropout) {
  /** MiniMind2-Small. */
  public static final ModelOptions DEFAULT = new ModelOptions(512, 8, 8, 2, null, 32768, 1e6, 0);

  /** The sizes checked at once with a vocabulary that any tokenizer exceeds. */
  public ModelOptions {
    ModelConfig.minimind2(
        1,
        hiddenSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        intermediateSize == null ? 0 : intermediateSize,
        maxPositionEmbeddings,
        ropeTheta,
        null,
        dropout);
  }

  /**
   * The decoder's config.
   *
   * @param vocabSize number of token ids
   */
  public ModelConfig toConfig(int vocabSize) {
    return ModelConfig.minimind2(
        vocabSize,
        hiddenSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        intermediateSize == null ? 0 : intermediateSize,
        maxPositionEmbeddings,
        ropeTheta,
        null,
        dropout);
  }
}
