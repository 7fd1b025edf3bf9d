package org.panamind.model.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The weights of a folder as Hugging Face's transformers write it: one file, or several with an
 * index that says which tensor is in which.
 */
public final class WeightFolder {
  /** In the order of preference. */
  private static final List<String> NAMES =
      List.of(
          "model.safetensors",
          "model.safetensors.index.json",
          "pytorch_model.bin",
          "pytorch_model.bin.index.json");

  /** Nothing that leads out of the folder. */
  private static final String PLAIN_NAME = "\\w[\\w.-]*";

  private static final String AGAIN = "Copy the folder again, whole.";
  private static final ObjectMapper JSON = new ObjectMapper();

  private WeightFolder() {}

  /**
   * Opens a folder's weights; of several kinds safetensors come first.
   *
   * @return all tensors as of one file; the caller closes it
   * @throws WeightException if the folder has none, or a part of them is missing or damaged
   * @throws UncheckedIOException if something cannot be read
   */
  public static WeightFile open(Path folder) {
    for (String name : NAMES) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        return name.endsWith(".json") ? parts(file) : Weights.open(file);
      }
    }
    throw new WeightException(folder, -1, "has none of " + String.join(", ", NAMES), AGAIN);
  }

  private static WeightFile parts(Path index) {
    Map<String, String> fileOf = fileOf(index);
    var files = new TreeMap<String, WeightFile>();
    try {
      for (String name : new TreeSet<>(fileOf.values())) files.put(name, part(index, name));
      var tensors = new LinkedHashMap<String, StoredTensor>();
      fileOf.forEach((name, file) -> tensors.put(name, tensor(index, name, files.get(file))));
      files.values().forEach(file -> requireIndexed(index, file, fileOf));
      return new WeightFile(
          index, Arena.ofShared(), tensors, Map.of(), new ArrayList<>(files.values()));
    } catch (RuntimeException e) {
      files.values().forEach(WeightFile::close);
      throw e;
    }
  }

  private static WeightFile part(Path index, String name) {
    if (!name.matches(PLAIN_NAME)) {
      throw wrong(index, "names " + WeightException.printable(name) + ", which is no file's name");
    }
    Path file = index.resolveSibling(name);
    if (!Files.exists(file)) throw wrong(index, "names " + name + ", which is missing");
    return Weights.open(file);
  }

  private static StoredTensor tensor(Path index, String name, WeightFile file) {
    StoredTensor tensor = file.tensors().get(name);
    if (tensor != null) return tensor;
    String shown = WeightException.printable(name);
    throw wrong(
        index, "says that " + shown + " is in " + file.path().getFileName() + "; it is not");
  }

  private static void requireIndexed(Path index, WeightFile file, Map<String, String> fileOf) {
    for (String name : file.tensors().keySet()) {
      if (!file.path().getFileName().toString().equals(fileOf.get(name))) {
        String shown = WeightException.printable(name);
        throw wrong(index, "does not say that " + shown + " is in " + file.path().getFileName());
      }
    }
  }

  /** File name by tensor name, in the index's order. */
  private static Map<String, String> fileOf(Path index) {
    JsonNode map = json(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) throw wrong(index, "has no weight_map");
    var fileOf = new LinkedHashMap<String, String>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      if (!entry.getValue().isTextual()) {
        throw wrong(index, "has a weight_map whose values are no file names");
      }
      fileOf.put(entry.getKey(), entry.getValue().textValue());
    }
    return fileOf;
  }

  private static JsonNode json(Path index) {
    try {
      return JSON.readTree(Files.readString(index));
    } catch (JsonProcessingException e) {
      throw wrong(index, "is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + index + ": " + e.getMessage(), e);
    }
  }

  private static WeightException wrong(Path index, String what) {
    return new WeightException(index, -1, what, AGAIN);
  }
}
