package org.panamind.stage.options;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.panamind.model.Architecture;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.Experts;
import org.panamind.model.ModelConfig;
import org.panamind.model.weights.Weights;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.train.Compat;
import org.panamind.torch.Device;

/**
 * The weights that a stage goes on from, and what must hold of them. Sizes are read from the
 * weights; where one is given too it must agree, since a flag that is passed over in silence is
 * worse than an error. With no weights they size a random decoder.
 *
 * @param fromWeight name in the save folder, a file, or null for random weights
 * @param hiddenSize chooses among weights of the name, or null
 * @param numHiddenLayers blocks, or null
 * @param numAttentionHeads query heads, or null; of a .pth file it is not known and 8 without this
 * @param arch generation, or null
 * @param useMoe whether the weights have a mixture of experts
 * @param dropout in training, or null for what the weights were trained with
 */
public record StartOptions(
    @Option(help = "weights to start from: a name in --save_dir or a file; none starts at random")
        String fromWeight,
    @Option(help = "width of the residual stream; none takes the weights'") Integer hiddenSize,
    @Option(help = "number of blocks; none takes the weights'") Integer numHiddenLayers,
    @Option(help = "query heads of a block; none takes the weights', and 8 for a .pth file")
        Integer numAttentionHeads,
    @Option(help = "generation; none takes the weights'") Architecture arch,
    @Option(help = "1 takes weights with experts, saved as NAME_HIDDEN_moe") boolean useMoe,
    @Option(help = "share of elements dropped in training; none takes the weights'")
        Double dropout) {
  /** Checks the bounds. */
  public StartOptions {
    if (hiddenSize != null) Bounds.atLeast("hidden_size", hiddenSize, 2);
    if (numHiddenLayers != null) Bounds.atLeast("num_hidden_layers", numHiddenLayers, 1);
    if (numAttentionHeads != null) Bounds.atLeast("num_attention_heads", numAttentionHeads, 1);
    if (dropout != null) {
      Bounds.require(dropout >= 0 && dropout < 1, "dropout", dropout, "must be from 0 to below 1");
    }
  }

  /**
   * Weights of a name, and nothing said about their sizes.
   *
   * @param name in the save folder
   */
  public static StartOptions from(String name) {
    return new StartOptions(name, null, null, null, null, false, null);
  }

  /**
   * Finds the file.
   *
   * @return null for random weights
   * @throws ConfigException if there is none of this name
   */
  public Path file(Path saveDir) {
    return file(saveDir, "--hidden_size");
  }

  /**
   * The same for a stage whose flag for the size has another name.
   *
   * @param sizeFlag named when several files fit
   */
  public Path file(Path saveDir, String sizeFlag) {
    if (fromWeight == null) return null;
    return SavedWeights.find(saveDir, fromWeight, hiddenSize, useMoe, sizeFlag);
  }

  /**
   * Reads the decoder, or makes a random one.
   *
   * @param file as of {@link #file}
   * @param vocabSize ids of the tokenizer, which the decoder must have
   * @return to be closed by the caller
   * @throws ConfigException if the weights are of other sizes than were asked for
   */
  public Decoder decoder(Path file, int vocabSize, Compat compat, Device device) {
    if (file == null) return Decoder.random(randomConfig(vocabSize, compat), device);
    ModelConfig config;
    try (var open = Weights.open(file)) {
      config = DecoderFiles.configOf(open, whatShapesDoNotShow());
    }
    require(file, "--hidden_size", hiddenSize, config.hiddenSize());
    require(file, "--num_hidden_layers", numHiddenLayers, config.layerCount());
    require(file, "--num_attention_heads", numAttentionHeads, config.headCount());
    require(file, "--arch", lower(arch), lower(config.architecture()));
    require(file, "--use_moe", useMoe ? 1 : 0, config.experts() == null ? 0 : 1);
    requireVocabulary(file, vocabSize, config);
    return DecoderFiles.readAs(file, trained(config, compat), device);
  }

  private ModelConfig whatShapesDoNotShow() {
    var usual = ModelConfig.DEFAULT;
    if (numAttentionHeads == null) return usual;
    // Widths that any head count divides: those of the file replace them.
    int heads = numAttentionHeads;
    return ModelConfig.minimind2(
        1, 2 * heads, 1, heads, heads, 0, usual.maxPositions(), usual.ropeTheta(), null, 0);
  }

  private ModelConfig randomConfig(int vocabSize, Compat compat) {
    var generation = arch == null ? Architecture.MINIMIND2 : arch;
    var usual = generation == Architecture.MINIMIND2 ? ModelConfig.DEFAULT : ModelConfig.MINIMIND3;
    int heads = numAttentionHeads == null ? usual.headCount() : numAttentionHeads;
    boolean grouped = heads % usual.kvHeadCount() == 0;
    return new ModelOptions(
            generation,
            hiddenSize == null ? usual.hiddenSize() : hiddenSize,
            numHiddenLayers == null ? usual.layerCount() : numHiddenLayers,
            heads,
            grouped ? usual.kvHeadCount() : heads,
            null,
            null,
            useMoe,
            usual.maxPositions(),
            usual.ropeTheta(),
            dropout == null ? 0 : dropout)
        .toConfig(vocabSize, compat);
  }

  /** The weights' config with this run's dropout, and minimind-3's router where it is asked for. */
  private ModelConfig trained(ModelConfig config, Compat compat) {
    var changed = dropout == null ? config : config.withDropout(dropout);
    boolean fixedRouter =
        compat == Compat.MINIMIND3
            && config.experts() != null
            && config.architecture() == Architecture.MINIMIND3;
    return fixedRouter ? changed.with(changed.experts().with(Experts.Renormalise.ALWAYS)) : changed;
  }

  private static void require(Path file, String flag, Object wanted, Object there) {
    if (wanted == null || Objects.equals(wanted, there)) return;
    throw new ConfigException(
        "%s is %s, but %s has %s; leave the flag out or name other weights"
            .formatted(flag, wanted, file, there));
  }

  private static void requireVocabulary(Path file, int vocabSize, ModelConfig config) {
    if (vocabSize <= config.vocabSize()) return;
    throw new ConfigException(
        "the tokenizer has %d ids, %s only %d; name the tokenizer that it was trained with by"
                .formatted(vocabSize, file, config.vocabSize())
            + " --tokenizer_path");
  }

  private static String lower(Architecture architecture) {
    return architecture == null ? null : architecture.name().toLowerCase(Locale.ROOT);
  }
}
