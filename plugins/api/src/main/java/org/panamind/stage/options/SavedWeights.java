package org.panamind.stage.options;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.stage.ConfigException;

/**
 * Finds weights that an earlier stage left: {@code <folder>/<name>_<hidden>.safetensors}, or a file
 * named outright.
 */
public final class SavedWeights {
  private static final String MOE = "_moe";

  private SavedWeights() {}

  /** The name that a stage saves under, as MiniMind has it: {@code pretrain_640_moe}. */
  public static String nameOf(String saveWeight, ModelConfig config) {
    return saveWeight + "_" + config.hiddenSize() + (config.experts() == null ? "" : MOE);
  }

  /**
   * Writes a decoder for the next stage, with where its tokenizer lies; whole or not at all.
   *
   * @param tokenizer folder
   */
  public static void write(Path file, Decoder decoder, Path tokenizer) {
    var place = tokenizer.toAbsolutePath().normalize().toString();
    DecoderFiles.writeSafetensors(file, decoder, Map.of(SavedTokenizer.METADATA, place));
  }

  /**
   * Finds a weight file.
   *
   * @param folder where stages save
   * @param name a path to a file, or the first part of a saved name such as {@code pretrain}
   * @param hiddenSize of the model, or null when any will do
   * @throws ConfigException if there is none, or several and no size to choose by; the message
   *     lists what there is
   */
  public static Path find(Path folder, String name, Integer hiddenSize) {
    return find(folder, name, hiddenSize, "(" + MOE + ")?", "--hidden_size");
  }

  /**
   * Finds a weight file of a dense decoder or of one with experts.
   *
   * @param experts whether the saved name ends with {@code _moe}; of no effect on a file named
   *     outright
   */
  public static Path find(Path folder, String name, Integer hiddenSize, boolean experts) {
    return find(folder, name, hiddenSize, experts, "--hidden_size");
  }

  /**
   * The same for a stage whose flag for the size has another name.
   *
   * @param sizeFlag named in the message when several fit
   */
  public static Path find(
      Path folder, String name, Integer hiddenSize, boolean experts, String sizeFlag) {
    return find(folder, name, hiddenSize, experts ? MOE : "", sizeFlag);
  }

  private static Path find(
      Path folder, String name, Integer hiddenSize, String ending, String sizeFlag) {
    Path named = Path.of(name);
    if (Files.isRegularFile(named)) return named;
    if (name.contains("/") || name.contains("."))
      throw new ConfigException("there is no weight file " + name);
    var size = hiddenSize == null ? "\\d+" : hiddenSize.toString();
    var pattern = Pattern.quote(name) + "_" + size + ending + "\\.(safetensors|pth)";
    List<Path> found =
        list(folder).filter(file -> file.getFileName().toString().matches(pattern)).toList();
    if (found.size() == 1) return found.get(0);
    if (found.isEmpty()) {
      var there =
          list(folder)
              .map(file -> file.getFileName().toString())
              .filter(SavedWeights::isWeights)
              .toList();
      throw new ConfigException(
          "there are no weights %s%s in %s; there is %s"
              .formatted(
                  name,
                  hiddenSize == null ? "" : " of " + sizeFlag + " " + hiddenSize,
                  folder,
                  there.isEmpty() ? "nothing" : there));
    }
    throw new ConfigException(
        "there are several weights %s in %s: %s; choose with %s or give the file"
            .formatted(name, folder, found.stream().map(Path::getFileName).toList(), sizeFlag));
  }

  private static boolean isWeights(String file) {
    return file.endsWith(".safetensors") || file.endsWith(".pth");
  }

  private static Stream<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) return Stream.empty();
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted(Comparator.comparing(Path::toString)).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
    }
  }
}
