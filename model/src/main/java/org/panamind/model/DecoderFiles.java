package org.panamind.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.model.weights.PthFile;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.StoredTensor;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.WeightFile;
import org.panamind.model.weights.Weights;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * A decoder's weights to files and back. Names are MiniMind's; the head, tied to the embedding, is
 * written under its own name too, as MiniMind does. A safetensors file carries the config in its
 * metadata, so that it can be read without being told the sizes.
 */
public final class DecoderFiles {
  private static final String HEAD = DecoderParameters.HEAD;
  private static final String CONFIG = "panamind.config";
  private static final ObjectMapper JSON = new ObjectMapper();

  private DecoderFiles() {}

  /**
   * Writes safetensors, whole or not at all.
   *
   * @param metadata written beside the config
   */
  public static void writeSafetensors(Path file, Decoder decoder, Map<String, String> metadata) {
    var all = new LinkedHashMap<>(metadata);
    all.put(CONFIG, json(decoder.config()));
    TensorFiles.store(named(decoder), tensors -> Safetensors.write(file, tensors, all));
  }

  /**
   * Writes a {@code .pth} as MiniMind's trainers do: half precision, the head sharing the
   * embedding's storage.
   *
   * @param type float16 as MiniMind, or float32
   */
  public static void writePth(Path file, Decoder decoder, DType type) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var converted = new LinkedHashMap<String, Tensor>();
      decoder.parameters().forEach((name, tensor) -> converted.put(name, tensor.to(type)));
      converted.putIfAbsent(HEAD, converted.get(DecoderParameters.EMBEDDING));
      TensorFiles.store(converted, tensors -> PthFile.write(file, tensors));
    }
  }

  private static Map<String, Tensor> named(Decoder decoder) {
    var tensors = new LinkedHashMap<>(decoder.parameters());
    tensors.putIfAbsent(HEAD, tensors.get(DecoderParameters.EMBEDDING));
    return tensors;
  }

  /**
   * Reads a decoder from safetensors or {@code .pth}, with the config in the file, or where there
   * is none with sizes read off the shapes and the rest of {@code otherwise}.
   *
   * @param otherwise head count, norm, rotations of a file that does not tell
   * @throws WeightException if the file is damaged or its tensors do not make one decoder
   */
  public static Decoder read(Path path, ModelConfig otherwise, Device device) {
    try (var file = Weights.open(path)) {
      return readAs(file, configOf(file, otherwise), device);
    }
  }

  /** Reads a decoder of known config; {@link WeightException} names all that does not fit it. */
  public static Decoder readAs(Path path, ModelConfig config, Device device) {
    try (var file = Weights.open(path)) {
      return readAs(file, config, device);
    }
  }

  /** The same from an open file, which stays open. */
  public static Decoder readAs(WeightFile file, ModelConfig config, Device device) {
    return readAs(file, config, device, Map.of());
  }

  /**
   * The same from an open file that holds more than a decoder.
   *
   * @param besides what else it must hold, by name; filled
   */
  public static Decoder readAs(
      WeightFile file, ModelConfig config, Device device, Map<String, Tensor> besides) {
    var decoder = Decoder.empty(config, device);
    try {
      var targets = new LinkedHashMap<>(decoder.parameters());
      if (config.tiedEmbedding() && file.tensors().containsKey(HEAD)) {
        requireTied(file);
        targets.put(HEAD, targets.get(DecoderParameters.EMBEDDING));
      }
      targets.putAll(besides);
      TensorFiles.read(file, targets);
      return decoder;
    } catch (RuntimeException e) {
      decoder.close();
      throw e;
    }
  }

  /** A head of its own would be lost in silence here, since this decoder has none. */
  private static void requireTied(WeightFile file) {
    StoredTensor head = file.tensors().get(HEAD);
    StoredTensor embedding = file.tensors().get(DecoderParameters.EMBEDDING);
    if (embedding != null && differ(head, embedding)) {
      throw new WeightException(
          file.path(),
          -1,
          HEAD + " differs from " + DecoderParameters.EMBEDDING,
          "This model ties both; pass a config that does not (tie_word_embeddings false).");
    }
  }

  /**
   * The config that a file carries, or the sizes that its shapes show with the rest of {@code
   * otherwise}.
   *
   * @throws WeightException if the file is no decoder of this form
   */
  public static ModelConfig configOf(WeightFile file, ModelConfig otherwise) {
    var text = file.metadata().get(CONFIG);
    if (text != null) return config(file, text);
    return new ConfigFromShapes(file, otherwise).config();
  }

  /** Whether two tensors of a file hold other bytes. */
  static boolean differ(StoredTensor a, StoredTensor b) {
    return a.bytes().mismatch(b.bytes()) != -1;
  }

  private static String json(ModelConfig config) {
    ObjectNode node = JSON.valueToTree(config);
    return node.toString();
  }

  private static ModelConfig config(WeightFile file, String text) {
    try {
      return JSON.readValue(text, ModelConfig.class);
    } catch (JsonProcessingException e) {
      throw new WeightException(
          file.path(),
          -1,
          "the metadata's " + CONFIG + " is damaged: " + e.getOriginalMessage(),
          "Write the file anew.");
    }
  }
}
