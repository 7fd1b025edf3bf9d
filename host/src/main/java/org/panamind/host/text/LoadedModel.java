package org.panamind.host.text;

import java.nio.file.Files;
import java.nio.file.Path;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.model.weights.Weights;
import org.panamind.stage.ConfigException;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.options.SavedWeights;
import org.panamind.torch.Device;

/**
 * A decoder with its tokenizer.
 *
 * @param decoder on the device asked for
 * @param tokenizer of the same vocabulary
 */
record LoadedModel(Decoder decoder, Tokenizer tokenizer) implements AutoCloseable {
  /**
   * Finds and loads both.
   *
   * @param tokenizerFolder null takes the one that the weights name, else the save folder's
   */
  static LoadedModel load(
      Path saveDir, String weight, Integer hiddenSize, Path tokenizerFolder, Device device) {
    Path file = SavedWeights.find(saveDir, weight, hiddenSize);
    Tokenizer tokenizer =
        SavedTokenizer.load(tokenizerFolder == null ? tokenizerOf(file, saveDir) : tokenizerFolder);
    try {
      Decoder decoder = DecoderFiles.read(file, ModelConfig.DEFAULT, device);
      var model = new LoadedModel(decoder, tokenizer);
      if (tokenizer.vocabSize() > decoder.config().vocabSize()) {
        model.close();
        throw new ConfigException(
            "the tokenizer has %d ids, %s only %d; name the tokenizer that it was trained with by --tokenizer_path"
                .formatted(tokenizer.vocabSize(), file, decoder.config().vocabSize()));
      }
      return model;
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static Path tokenizerOf(Path weights, Path saveDir) {
    try (var file = Weights.open(weights)) {
      var named = file.metadata().get(SavedTokenizer.METADATA);
      if (named != null && Files.isDirectory(Path.of(named))) return Path.of(named);
    }
    return SavedTokenizer.defaultFolder(saveDir);
  }

  @Override
  public void close() {
    decoder.close();
    tokenizer.close();
  }
}
