package org.panamind.reward.internlm2;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.panamind.model.weights.ElementType;
import org.panamind.model.weights.Precision;
import org.panamind.model.weights.PthFile;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.StoredTensor;

/**
 * A small random reward model in the form of internlm2-1_8b-reward. Its tokenizer has the bytes
 * from id 3 on and the space as 259, so that what it should give is plain.
 */
final class RewardFolder {
  static final int BYTES = 3;
  static final int SPACE = 259;
  static final int START = 262;
  static final int END = 261;
  static final int REWARD = 260;
  private static final int WIDTH = 16;
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int HEAD_WIDTH = WIDTH / HEADS;
  private static final int FEED_FORWARD = 24;
  private static final int VOCABULARY = 264;
  private static final int LAYERS = 2;

  final ObjectNode config = new ObjectMapper().createObjectNode();
  private final Path folder;
  private final Random random = new Random(17);
  private final List<StoredTensor> tensors = new ArrayList<>();

  RewardFolder(Path folder) throws IOException {
    this.folder = folder;
    config.putArray("architectures").add("InternLM2ForRewardModel");
    config.put("model_type", "internlm2").put("vocab_size", VOCABULARY);
    config.put("hidden_size", WIDTH).put("intermediate_size", FEED_FORWARD).put("bias", false);
    config.put("num_hidden_layers", LAYERS).put("num_attention_heads", HEADS);
    config.put("num_key_value_heads", KV_HEADS).put("max_position_embeddings", 512);
    config.put("rms_norm_eps", 1e-5).put("rope_theta", 1e6).put("hidden_act", "silu");
    config.put("reward_token_id", REWARD).put("tie_word_embeddings", false);
    config.putObject("rope_scaling").put("type", "dynamic").put("factor", 2.0);
    weights();
    Files.write(folder.resolve("tokenizer.model"), pieces());
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"added_tokens_decoder\": {\"%d\": {\"content\": \"<|im_start|>\"}, \"%d\": {\"content\":"
                .formatted(START, END)
            + " \"<|im_end|>\"}}}");
    writeConfig();
  }

  void writeConfig() throws IOException {
    Files.writeString(folder.resolve("config.json"), config.toString());
  }

  private void weights() {
    add("model.tok_embeddings.weight", 1, VOCABULARY, WIDTH);
    for (int layer = 0; layer < LAYERS; layer++) {
      var name = "model.layers." + layer + ".";
      add(name + "attention.wqkv.weight", 0.4, (HEADS + 2 * KV_HEADS) * HEAD_WIDTH, WIDTH);
      add(name + "attention.wo.weight", 0.4, WIDTH, WIDTH);
      add(name + "feed_forward.w1.weight", 0.4, FEED_FORWARD, WIDTH);
      add(name + "feed_forward.w3.weight", 0.4, FEED_FORWARD, WIDTH);
      add(name + "feed_forward.w2.weight", 0.4, WIDTH, FEED_FORWARD);
      add(name + "attention_norm.weight", 1, WIDTH);
      add(name + "ffn_norm.weight", 1, WIDTH);
    }
    add("model.norm.weight", 1, WIDTH);
    add("v_head.weight", 0.3, 1, WIDTH);
  }

  private void add(String name, double deviation, int... shape) {
    var values = new float[shape[0] * (shape.length > 1 ? shape[1] : 1)];
    for (int i = 0; i < values.length; i++) values[i] = (float) (deviation * random.nextGaussian());
    var axes = Arrays.stream(shape).asLongStream().toArray();
    tensors.add(StoredTensor.ofFloats(name, values, axes));
  }

  /** Multiplies the head, and with it every score. */
  void scaleHead(float factor) {
    float[] head = Precision.toFloats(tensors.removeLast());
    for (int i = 0; i < head.length; i++) head[i] *= factor;
    tensors.add(StoredTensor.ofFloats("v_head.weight", head, 1, WIDTH));
  }

  /** Writes {@code model.safetensors} in float32. */
  PlainInternLm2 asSafetensors() {
    Safetensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
    return plain(tensors);
  }

  /** Writes {@code .bin} files in bfloat16, one a layer and one for the rest. */
  PlainInternLm2 asBinParts() throws IOException {
    try (var arena = Arena.ofConfined()) {
      var half = Precision.convert(tensors, ElementType.BF16, arena);
      var parts = new LinkedHashMap<String, List<StoredTensor>>();
      var map = new ObjectMapper().createObjectNode();
      for (var tensor : half) {
        var layer = tensor.name().replaceAll("model\\.layers\\.(\\d+)\\..*|.*", "$1");
        var file = "pytorch_model-0000%s-of-2.bin".formatted(layer);
        parts.computeIfAbsent(file, name -> new ArrayList<>()).add(tensor);
        map.put(tensor.name(), file);
      }
      parts.forEach((file, part) -> PthFile.write(folder.resolve(file), part));
      var index = new ObjectMapper().createObjectNode().set("weight_map", map).toString();
      Files.writeString(folder.resolve("pytorch_model.bin.index.json"), index);
      return plain(half);
    }
  }

  private static PlainInternLm2 plain(List<StoredTensor> tensors) {
    var weights = new LinkedHashMap<String, float[]>();
    tensors.forEach(tensor -> weights.put(tensor.name(), Precision.toFloats(tensor)));
    return new PlainInternLm2(weights, WIDTH, LAYERS, HEADS, KV_HEADS, 1e6, 1e-5);
  }

  private static byte[] pieces() {
    var model = new ByteArrayOutputStream();
    piece(model, "<unk>", 2);
    piece(model, "<s>", 3);
    piece(model, "</s>", 3);
    for (int value = 0; value < 256; value++) piece(model, "<0x%02X>".formatted(value), 6);
    piece(model, "\u2581", 1);
    // Trainer: model type 2 (BPE), byte fallback; normaliser: no dummy prefix, no trimming.
    model.writeBytes(new byte[] {0x12, 5, 0x18, 2, (byte) 0x98, 2, 1});
    model.writeBytes(new byte[] {0x1A, 4, 0x18, 0, 0x20, 0});
    return model.toByteArray();
  }

  private static void piece(ByteArrayOutputStream model, String text, int kind) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var piece = ByteBuffer.allocate(bytes.length + 9).order(ByteOrder.LITTLE_ENDIAN);
    piece.put((byte) 0x0A).put((byte) bytes.length).put(bytes);
    piece.put((byte) 0x15).putFloat(-1).put((byte) 0x18).put((byte) kind);
    model.write(0x0A);
    model.write(piece.capacity());
    model.writeBytes(piece.array());
  }
}
