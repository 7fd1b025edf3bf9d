package org.panamind.model.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.WeightFile;
import org.panamind.model.weights.WeightFolder;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Writes and reads a decoder as a folder that Hugging Face's transformers load. */
public final class HubFolder {
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final List<String> TOKENIZER =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "tokenizer.model",
          "chat_template.jinja");
  private static final ObjectMapper JSON = new ObjectMapper();

  private HubFolder() {}

  /**
   * Writes a folder; {@code config.json} comes last, so that an interrupted export is none. A tied
   * head is not stored, as transformers do.
   *
   * @throws ModelConfigException if no model of theirs computes what this one does, or the
   *     tokenizer's folder has no {@code tokenizer.json}
   * @throws UncheckedIOException if something cannot be written
   */
  public static void write(Path folder, Decoder decoder, HubExport export) {
    var config = HubConfig.write(decoder.config(), export);
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(folder.resolve(CONFIG));
      copyTokenizer(export.tokenizerFolder(), folder);
      weights(folder.resolve(WEIGHTS), decoder, export);
      write(folder.resolve("generation_config.json"), generation(export));
      write(folder.resolve(CONFIG), config);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + folder + ": " + e.getMessage(), e);
    }
  }

  private static void weights(Path file, Decoder decoder, HubExport export) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var converted = new LinkedHashMap<String, Tensor>();
      decoder.parameters().forEach((name, t) -> converted.put(name, t.to(export.type())));
      TensorFiles.store(converted, tensors -> Safetensors.write(file, tensors, Map.of()));
    }
  }

  private static JsonNode generation(HubExport export) {
    var sampling = export.sampling();
    var node = JSON.createObjectNode();
    node.put("bos_token_id", export.bosId());
    node.put("eos_token_id", export.eosId());
    node.put("pad_token_id", export.padId());
    node.put("do_sample", sampling.temperature() > 0);
    if (sampling.temperature() > 0) {
      node.put("temperature", sampling.temperature());
      node.put("top_k", sampling.topK());
      node.put("top_p", sampling.topP());
    }
    return node;
  }

  private static void copyTokenizer(Path from, Path to) throws IOException {
    if (from == null || Files.exists(to) && Files.exists(from) && Files.isSameFile(from, to))
      return;
    if (!Files.exists(from.resolve(TOKENIZER.getFirst())))
      throw new ModelConfigException(from + " has no tokenizer.json; name a tokenizer's folder");
    for (var name : TOKENIZER) {
      var source = from.resolve(name);
      if (Files.exists(source))
        Files.copy(source, to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void write(Path file, JsonNode node) throws IOException {
    var partial = file.resolveSibling(file.getFileName() + ".partial");
    Files.writeString(partial, node.toPrettyString() + "\n");
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Whether a folder holds a {@code config.json}. */
  public static boolean isOne(Path folder) {
    return Files.isRegularFile(folder.resolve(CONFIG));
  }

  /**
   * The config of a folder.
   *
   * @throws ModelConfigException if there is none or our decoder does not compute it
   */
  public static ModelConfig config(Path folder) {
    var file = folder.resolve(CONFIG);
    if (!isOne(folder)) throw new ModelConfigException(folder + " has no config.json");
    try {
      return HubConfig.read(JSON.readTree(Files.readString(file)), file.toString());
    } catch (JsonProcessingException e) {
      throw new ModelConfigException(file + ": is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a folder's model, its weights from safetensors or {@code .bin} files, one or many,
   * converted to float32.
   *
   * @throws ModelConfigException if the folder has no config of ours
   * @throws org.panamind.model.weights.WeightException if weights are missing, damaged or do not
   *     fit
   */
  public static Decoder read(Path folder, Device device) {
    var config = config(folder);
    try (var weights = weights(folder, config)) {
      return DecoderFiles.readAs(weights, config, device);
    }
  }

  /** A folder's weights under our names; the caller closes them. */
  static WeightFile weights(Path folder, ModelConfig config) {
    var file = WeightFolder.open(folder);
    try {
      return InternLm2Names.isOne(file) ? InternLm2Names.translated(file, config) : file;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }
}
