package org.panamind.stage.options;

import java.util.Map;
import org.panamind.model.Architecture;
import org.panamind.model.Experts;
import org.panamind.model.ModelConfig;
import org.panamind.stage.config.Option;
import org.panamind.stage.train.Compat;

/**
 * Sizes of a decoder, by MiniMind's names. Whether they fit together is checked when the decoder's
 * config is made.
 *
 * @param arch generation
 * @param hiddenSize width of the residual stream
 * @param numHiddenLayers number of blocks
 * @param numAttentionHeads query heads of a block
 * @param numKeyValueHeads key/value heads of a block
 * @param headDim width of a head, or null for the hidden size over the query heads
 * @param intermediateSize width inside the feed-forward part, or null for the generation's rule
 * @param useMoe whether each block has a mixture of experts
 * @param maxPositionEmbeddings longest sequence
 * @param ropeTheta base of the rotations' wavelengths
 * @param dropout share of elements dropped in training
 */
public record ModelOptions(
    @Option(help = "generation: minimind2 is a small Llama, minimind3 a small Qwen3")
        Architecture arch,
    @Option(help = "width of the residual stream") int hiddenSize,
    @Option(help = "number of blocks") int numHiddenLayers,
    @Option(help = "query heads of a block") int numAttentionHeads,
    @Option(help = "key/value heads of a block") int numKeyValueHeads,
    @Option(help = "width of a head; none takes the hidden size over the query heads")
        Integer headDim,
    @Option(help = "width inside the feed-forward part; none takes the generation's rule")
        Integer intermediateSize,
    @Option(help = "1 gives each block a mixture of 4 experts, as the generation has it")
        boolean useMoe,
    @Option(help = "longest sequence the model can take", unit = "tokens")
        int maxPositionEmbeddings,
    @Option(help = "base of the rotary wavelengths") double ropeTheta,
    @Option(help = "share of elements dropped in training") double dropout) {
  /** MiniMind2-Small. */
  public static final ModelOptions DEFAULT =
      new ModelOptions(Architecture.MINIMIND2, 512, 8, 8, 2, null, null, false, 32768, 1e6, 0);

  /** What minimind-3 has in place of {@link #DEFAULT}, for presets. */
  private static final Map<String, String> MINIMIND3_SIZES =
      Map.of("hidden_size", "768", "num_key_value_heads", "4");

  /** The sizes checked at once with a vocabulary that any tokenizer exceeds. */
  public ModelOptions {
    toConfig(
        arch,
        1,
        hiddenSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        intermediateSize,
        null,
        maxPositionEmbeddings,
        ropeTheta,
        dropout);
  }

  /** A stage's preset for the generation that the user asked for: MiniMind's sizes of it. */
  public static Map<String, String> preset(Map<String, String> given) {
    return "minimind3".equals(given.get("arch")) ? MINIMIND3_SIZES : Map.of();
  }

  /**
   * The decoder's config.
   *
   * @param vocabSize number of token ids
   * @param compat minimind-3's own form has a router that the loss does not reach
   */
  public ModelConfig toConfig(int vocabSize, Compat compat) {
    return toConfig(
        arch,
        vocabSize,
        hiddenSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        intermediateSize,
        useMoe ? experts(arch, compat) : null,
        maxPositionEmbeddings,
        ropeTheta,
        dropout);
  }

  private static Experts experts(Architecture arch, Compat compat) {
    return switch (arch) {
      case MINIMIND2 -> Experts.MINIMIND2;
      case MINIMIND3 ->
          compat == Compat.MINIMIND3
              ? Experts.MINIMIND3.with(Experts.Renormalise.ALWAYS)
              : Experts.MINIMIND3;
    };
  }

  private static ModelConfig toConfig(
      Architecture arch,
      int vocabSize,
      int hiddenSize,
      int layers,
      int heads,
      int kvHeads,
      Integer headDim,
      Integer intermediateSize,
      Experts experts,
      int positions,
      double ropeTheta,
      double dropout) {
    return new ModelConfig(
        arch,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        kvHeads,
        headDim == null ? 0 : headDim,
        intermediateSize == null ? 0 : intermediateSize,
        positions,
        arch == null ? 1 : arch.normEps(),
        ropeTheta,
        null,
        true,
        dropout,
        experts);
  }
}
