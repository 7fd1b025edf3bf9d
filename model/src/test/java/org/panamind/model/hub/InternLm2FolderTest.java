package org.panamind.model.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.model.Decoder;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;
import org.panamind.model.weights.Precision;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.StoredTensor;
import org.panamind.model.weights.WeightException;
import org.panamind.torch.Device;
import org.panamind.torch.TensorScope;

/** Folders of InternLM2's form: C 8, H 4, K 2, D 2, F 6, V 11, two layers. */
class InternLm2FolderTest {
  private static final int C = 8;
  private static final int D = 2;
  private static final int KV_HEADS = 2;
  private static final int SHARING = 2;

  @TempDir Path folder;
  private final ObjectNode config = new ObjectMapper().createObjectNode();
  private final List<StoredTensor> tensors = new ArrayList<>();
  private final Random random = new Random(5);

  @BeforeEach
  void fill() {
    config.put("model_type", "internlm2").put("vocab_size", 11).put("hidden_size", C);
    config.put("intermediate_size", 6).put("num_hidden_layers", 2).put("bias", false);
    config.put("num_attention_heads", KV_HEADS * SHARING).put("num_key_value_heads", KV_HEADS);
    config.put("max_position_embeddings", 64).put("rms_norm_eps", 1e-5).put("rope_theta", 500.0);
    config.putObject("rope_scaling").put("type", "dynamic").put("factor", 2.0);
    add("model.tok_embeddings.weight", 11, C);
    for (int layer = 0; layer < 2; layer++) {
      var name = "model.layers." + layer + ".";
      add(name + "attention.wqkv.weight", KV_HEADS * (SHARING + 2) * D, C);
      add(name + "attention.wo.weight", C, C);
      add(name + "feed_forward.w1.weight", 6, C);
      add(name + "feed_forward.w2.weight", C, 6);
      add(name + "feed_forward.w3.weight", 6, C);
      add(name + "attention_norm.weight", C);
      add(name + "ffn_norm.weight", C);
    }
    add("model.norm.weight", C);
  }

  private void add(String name, long... shape) {
    var values = new float[(int) shape[0] * (shape.length > 1 ? (int) shape[1] : 1)];
    for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
    tensors.add(StoredTensor.ofFloats(name, values, shape));
  }

  private void write() throws IOException {
    Files.writeString(folder.resolve("config.json"), config.toString());
    Safetensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
  }

  @Test
  void readsTheConfig() throws IOException {
    write();
    var expected = ModelConfig.minimind2(11, C, 2, 4, 2, 6, 64, 500, null, 0);
    assertEquals(expected.withTiedEmbedding(false), HubFolder.config(folder));
    config.remove(List.of("rope_theta", "rms_norm_eps"));
    write();
    assertEquals(1e4, HubFolder.config(folder).ropeTheta());
    assertEquals(1e-6, HubFolder.config(folder).normEps());
  }

  @ParameterizedTest
  @CsvSource({
    "self_attn.q_proj, attention.wqkv, 0 1 2 3 8 9 10 11",
    "self_attn.k_proj, attention.wqkv, 4 5 12 13",
    "self_attn.v_proj, attention.wqkv, 6 7 14 15",
    "self_attn.o_proj, attention.wo, 0 1 2 3 4 5 6 7",
    "mlp.gate_proj, feed_forward.w1, 0 1 2 3 4 5",
    "mlp.up_proj, feed_forward.w3, 0 1 2 3 4 5",
    "mlp.down_proj, feed_forward.w2, 0 1 2 3 4 5 6 7",
    "input_layernorm, attention_norm, 0",
    "post_attention_layernorm, ffn_norm, 0",
  })
  void putsTheRowsWhereTheyBelong(String ours, String theirs, String rows) throws IOException {
    add("output.weight", 11, C);
    write();
    try (var decoder = HubFolder.read(folder, Device.CPU)) {
      var source = values("model.layers.1." + theirs + ".weight");
      var actual = values(decoder, "model.layers.1." + ours + ".weight");
      var wanted = rows.split(" ");
      int width = actual.length / wanted.length;
      for (int r = 0; r < wanted.length; r++) {
        for (int c = 0; c < width; c++)
          assertEquals(source[Integer.parseInt(wanted[r]) * width + c], actual[r * width + c]);
      }
      assertArrayEquals(
          values("model.tok_embeddings.weight"), values(decoder, "model.embed_tokens.weight"));
      assertArrayEquals(values("output.weight"), values(decoder, "lm_head.weight"));
    }
  }

  @Test
  void paddingDoesNotChangeAScore() throws IOException {
    add("v_head.weight", 1, C);
    write();
    try (var model = ScoringDecoder.read(folder, Device.CPU)) {
      var rows = List.of(new int[] {1, 2, 3}, new int[] {4, 9, 9, 8, 7, 0, 1, 10}, new int[] {5});
      var together = model.scores(rows);
      for (int r = 0; r < rows.size(); r++)
        assertEquals(model.scores(List.of(rows.get(r)))[0], together[r], 1e-5);
      assertEquals(3, Arrays.stream(together).distinct().count());
    }
  }

  @Test
  void namesTheHeadThatIsMissing() throws IOException {
    write();
    var error =
        assertThrows(WeightException.class, () -> ScoringDecoder.read(folder, Device.CPU).close());
    assertTrue(error.getMessage().contains("1 missing (\"v_head.weight\")"), error::getMessage);
  }

  @Test
  void headsThatAreNotTheConfigsAreRefused() throws IOException {
    config.put("num_key_value_heads", 4);
    write();
    var error = assertThrows(WeightException.class, () -> HubFolder.read(folder, Device.CPU));
    assertTrue(
        error.getMessage().contains("wqkv.weight is [16, 8], the heads of config.json make it [24"),
        error::getMessage);
  }

  @Test
  void biasIsRefused() throws IOException {
    config.remove("bias");
    write();
    var error = assertThrows(ModelConfigException.class, () -> HubFolder.config(folder));
    assertTrue(error.getMessage().contains("bias is true, this decoder has only false"));
  }

  private float[] values(String name) {
    return tensors.stream()
        .filter(tensor -> tensor.name().equals(name))
        .map(Precision::toFloats)
        .findFirst()
        .orElseThrow();
  }

  private static float[] values(Decoder decoder, String name) {
    try (var scope = TensorScope.open()) {
      return decoder.parameters().get(name).detach().toFloatArray();
    }
  }
}
