package org.panamind.stage.options;

import java.nio.file.Files;
import java.nio.file.Path;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.weights.Weights;
import org.panamind.stage.ConfigException;

/** Finds the tokenizer that a stage needs. */
public final class SavedTokenizer {
  /**
   * Key in a weight file's metadata: the folder of the tokenizer that the model was trained with.
   */
  public static final String METADATA = "panamind.tokenizer";

  private static final Path SAMPLE = Path.of("sample", "tokenizer");

  private SavedTokenizer() {}

  /** Where the tokenizer stage writes by default. */
  public static Path defaultFolder(Path saveDir) {
    return saveDir.resolve("tokenizer");
  }

  /** Where pretraining on the sample text leaves the one that it learned from it. */
  public static Path sampleFolder(Path saveDir) {
    return saveDir.resolve(SAMPLE);
  }

  /**
   * The folder of a tokenizer that no weights name: the tokenizer stage's, else the sample's where
   * there is only that.
   */
  public static Path someFolder(Path saveDir) {
    Path folder = defaultFolder(saveDir);
    Path sample = sampleFolder(saveDir);
    return !Files.exists(folder) && Files.exists(sample) ? sample : folder;
  }

  /**
   * The folder of the tokenizer that weights were trained with: the one they name, or what has its
   * place in this save folder where they were moved with it; of weights that name none, what there
   * is.
   *
   * @param weights a weight file, or null for none
   */
  public static Path folderOf(Path weights, Path saveDir) {
    if (weights == null) return someFolder(saveDir);
    try (var file = Weights.open(weights)) {
      var named = file.metadata().get(METADATA);
      if (named == null) return someFolder(saveDir);
      if (Files.isDirectory(Path.of(named))) return Path.of(named);
      return Path.of(named).endsWith(SAMPLE) ? sampleFolder(saveDir) : defaultFolder(saveDir);
    }
  }

  /**
   * Loads the tokenizer of a folder.
   *
   * @throws ConfigException if there is none; the message says how to make one
   */
  public static Tokenizer load(Path folder) {
    Path file = Files.isDirectory(folder) ? folder.resolve("tokenizer.json") : folder;
    if (!Files.isRegularFile(file)) {
      throw new ConfigException(
          "there is no tokenizer in "
              + folder
              + ": make one with host --stage tokenizer --data_path FILE, or name a folder with"
              + " --tokenizer_path");
    }
    return HuggingFaceTokenizer.load(folder);
  }
}
