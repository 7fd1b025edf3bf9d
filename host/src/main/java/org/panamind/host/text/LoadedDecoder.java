package org.panamind.host.text;

import java.nio.file.Files;
import java.nio.file.Path;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.model.Yarn;
import org.panamind.model.hub.HubFolder;
import org.panamind.model.lora.LoraAdapters;
import org.panamind.model.weights.Weights;
import org.panamind.stage.ConfigException;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.options.SavedWeights;
import org.panamind.torch.Device;

/**
 * A decoder as its files give it, with its low-rank weights attached when some were chosen. Owns
 * both until {@link #close}.
 */
public final class LoadedDecoder implements AutoCloseable {
  private final Path source;
  private final Decoder decoder;
  private final LoraAdapters adapters;
  private final Path tokenizerFolder;

  private LoadedDecoder(Path source, Decoder decoder, LoraAdapters adapters, Path tokenizerFolder) {
    this.source = source;
    this.decoder = decoder;
    this.adapters = adapters;
    this.tokenizerFolder = tokenizerFolder;
  }

  /**
   * Finds and reads the chosen weights.
   *
   * @throws ConfigException if there are none of that name
   * @throws org.panamind.model.weights.WeightException if a file is damaged or does not fit
   */
  public static LoadedDecoder load(ModelChoice choice) {
    Path folder = Path.of(choice.weight());
    boolean hub = Files.isDirectory(folder) && HubFolder.isOne(folder);
    Path source =
        hub ? folder : SavedWeights.find(choice.saveDir(), choice.weight(), choice.hiddenSize());
    Decoder decoder = hub ? ofHub(folder, choice) : ofFile(source, choice);
    try {
      return new LoadedDecoder(
          source, decoder, adapters(decoder, choice), tokenizer(source, hub, choice));
    } catch (RuntimeException e) {
      decoder.close();
      throw e;
    }
  }

  private static Decoder ofHub(Path folder, ModelChoice choice) {
    if (choice.inferenceRopeScaling()) {
      throw new ConfigException(
          "--inference_rope_scaling is for weight files; %s says it by rope_scaling in config.json"
              .formatted(folder));
    }
    return HubFolder.read(folder, choice.chosenDevice());
  }

  private static Decoder ofFile(Path file, ModelChoice choice) {
    Device device = choice.chosenDevice();
    if (!choice.inferenceRopeScaling()) {
      return DecoderFiles.read(file, ModelConfig.DEFAULT, device);
    }
    ModelConfig config;
    try (var weights = Weights.open(file)) {
      config = DecoderFiles.configOf(weights, ModelConfig.DEFAULT);
    }
    return DecoderFiles.readAs(file, config.with(Yarn.DEFAULT), device);
  }

  private static LoraAdapters adapters(Decoder decoder, ModelChoice choice) {
    if (choice.loraWeight() == null) return null;
    int hidden = decoder.config().hiddenSize();
    Path file = SavedWeights.find(choice.saveDir().resolve("lora"), choice.loraWeight(), hidden);
    return LoraAdapters.read(file, decoder);
  }

  private static Path tokenizer(Path source, boolean hub, ModelChoice choice) {
    if (choice.tokenizerPath() != null) return choice.tokenizerPath();
    return hub ? source : SavedTokenizer.folderOf(source, choice.saveDir());
  }

  /** The file or folder that was read. */
  public Path source() {
    return source;
  }

  /** The model; lent. */
  public Decoder decoder() {
    return decoder;
  }

  /** Where its tokenizer is looked for; not sure to be there. */
  public Path tokenizerFolder() {
    return tokenizerFolder;
  }

  /** Adds low-rank weights, if there are some, to the decoder's own. */
  public void mergeAdapters() {
    if (adapters != null) adapters.merge();
  }

  @Override
  public void close() {
    if (adapters != null) adapters.close();
    decoder.close();
  }
}
