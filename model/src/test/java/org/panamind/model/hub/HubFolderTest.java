package org.panamind.model.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.model.Decoder;
import org.panamind.model.Experts;
import org.panamind.model.GoldenCase;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;
import org.panamind.model.Sampling;
import org.panamind.model.Yarn;
import org.panamind.model.weights.ElementType;
import org.panamind.model.weights.PthFile;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.Weights;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.TensorScope;

/** Folders as transformers know them. */
class HubFolderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HubExport WHOLE = export(DType.FLOAT32, null);

  /** C 16, H 4, K 2, D 4, F 24, V 50, one layer. */
  private static final ModelConfig LLAMA =
      ModelConfig.minimind2(50, 16, 1, 4, 2, 24, 64, 1e6, null, 0);

  private static final ModelConfig QWEN =
      ModelConfig.minimind3(50, 16, 1, 4, 2, 6, 24, 64, 1e6, null, 0);

  private static final List<String> LLAMA_KEYS =
      List.of(
          "model.embed_tokens.weight [50, 16]",
          "model.layers.0.input_layernorm.weight [16]",
          "model.layers.0.mlp.down_proj.weight [16, 24]",
          "model.layers.0.mlp.gate_proj.weight [24, 16]",
          "model.layers.0.mlp.up_proj.weight [24, 16]",
          "model.layers.0.post_attention_layernorm.weight [16]",
          "model.layers.0.self_attn.k_proj.weight [8, 16]",
          "model.layers.0.self_attn.o_proj.weight [16, 16]",
          "model.layers.0.self_attn.q_proj.weight [16, 16]",
          "model.layers.0.self_attn.v_proj.weight [8, 16]",
          "model.norm.weight [16]");

  private static final List<String> QWEN_KEYS =
      List.of(
          "lm_head.weight [50, 16]",
          "model.embed_tokens.weight [50, 16]",
          "model.layers.0.input_layernorm.weight [16]",
          "model.layers.0.mlp.down_proj.weight [16, 24]",
          "model.layers.0.mlp.gate_proj.weight [24, 16]",
          "model.layers.0.mlp.up_proj.weight [24, 16]",
          "model.layers.0.post_attention_layernorm.weight [16]",
          "model.layers.0.self_attn.k_norm.weight [6]",
          "model.layers.0.self_attn.k_proj.weight [12, 16]",
          "model.layers.0.self_attn.o_proj.weight [16, 24]",
          "model.layers.0.self_attn.q_norm.weight [6]",
          "model.layers.0.self_attn.q_proj.weight [24, 16]",
          "model.layers.0.self_attn.v_proj.weight [12, 16]",
          "model.norm.weight [16]");

  private static final List<String> QWEN_MOE_KEYS =
      List.of(
          "model.embed_tokens.weight [50, 16]",
          "model.layers.0.input_layernorm.weight [16]",
          "model.layers.0.mlp.experts.0.down_proj.weight [16, 8]",
          "model.layers.0.mlp.experts.0.gate_proj.weight [8, 16]",
          "model.layers.0.mlp.experts.0.up_proj.weight [8, 16]",
          "model.layers.0.mlp.experts.1.down_proj.weight [16, 8]",
          "model.layers.0.mlp.experts.1.gate_proj.weight [8, 16]",
          "model.layers.0.mlp.experts.1.up_proj.weight [8, 16]",
          "model.layers.0.mlp.gate.weight [2, 16]",
          "model.layers.0.post_attention_layernorm.weight [16]",
          "model.layers.0.self_attn.k_norm.weight [6]",
          "model.layers.0.self_attn.k_proj.weight [12, 16]",
          "model.layers.0.self_attn.o_proj.weight [16, 24]",
          "model.layers.0.self_attn.q_norm.weight [6]",
          "model.layers.0.self_attn.q_proj.weight [24, 16]",
          "model.layers.0.self_attn.v_proj.weight [12, 16]",
          "model.norm.weight [16]");

  @TempDir Path folder;

  private static HubExport export(DType type, Path tokenizer) {
    return new HubExport(type, tokenizer, 1, 2, 0, Sampling.DEFAULT);
  }

  private ObjectNode write(ModelConfig config) throws IOException {
    try (var decoder = Decoder.random(config, Device.CPU)) {
      HubFolder.write(folder, decoder, WHOLE);
    }
    return (ObjectNode) JSON.readTree(Files.readString(folder.resolve("config.json")));
  }

  private List<String> keys() {
    try (var file = Safetensors.read(folder.resolve("model.safetensors"))) {
      var sorted = new TreeMap<>(file.tensors());
      return sorted.values().stream()
          .map(t -> t.name() + " " + Arrays.toString(t.shape()))
          .collect(Collectors.toList());
    }
  }

  private static Experts experts(int perToken, Experts.Renormalise rule) {
    return new Experts(2, perToken, 0, 8, rule, Experts.Balance.PER_BATCH, 1e-3);
  }

  @Test
  void minimind2IsALlama() throws IOException {
    var config = write(LLAMA);
    assertEquals(LLAMA_KEYS, keys());
    assertEquals("LlamaForCausalLM", config.get("architectures").get(0).asText());
    assertEquals("llama", config.get("model_type").asText());
    assertEquals(1e-5, config.get("rms_norm_eps").doubleValue());
    assertEquals("float32", config.get("torch_dtype").asText());
    assertTrue(config.get("tie_word_embeddings").booleanValue());
    assertTrue(config.get("rope_scaling").isNull());
  }

  @Test
  void minimind3IsAQwen3() throws IOException {
    var config = write(QWEN.withTiedEmbedding(false));
    assertEquals(QWEN_KEYS, keys());
    assertEquals("Qwen3ForCausalLM", config.get("architectures").get(0).asText());
    assertEquals("qwen3", config.get("model_type").asText());
    assertEquals(6, config.get("head_dim").intValue());
    assertEquals(1e-6, config.get("rms_norm_eps").doubleValue());
    assertFalse(config.get("tie_word_embeddings").booleanValue());
  }

  @Test
  void minimind3WithExpertsIsAQwen3Moe() throws IOException {
    var config = write(QWEN.with(experts(1, Experts.Renormalise.ABOVE_ONE)));
    assertEquals(QWEN_MOE_KEYS, keys());
    assertEquals("Qwen3MoeForCausalLM", config.get("architectures").get(0).asText());
    assertEquals("qwen3_moe", config.get("model_type").asText());
    assertEquals(8, config.get("moe_intermediate_size").intValue());
    assertFalse(config.get("norm_topk_prob").booleanValue());
    assertEquals(1, config.get("decoder_sparse_step").intValue());
  }

  @ParameterizedTest
  @CsvSource({
    "1, NEVER, false, NEVER",
    "1, ABOVE_ONE, false, NEVER",
    "2, ABOVE_ONE, true, ALWAYS",
    "1, ALWAYS, true, ALWAYS"
  })
  void whatSumsToOneIsToldAndRead(
      int perToken, Experts.Renormalise rule, boolean told, Experts.Renormalise read) {
    var node = HubConfig.write(QWEN.with(experts(perToken, rule)), WHOLE);
    assertEquals(told, node.get("norm_topk_prob").booleanValue());
    assertEquals(QWEN.with(experts(perToken, read)), HubConfig.read(node, "config.json"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"minimind2/model_dense_yarn", "minimind3/model_dense_yarn", "minimind3/model_moe"})
  void foldersComeBackWithTheSameLogits(String name) {
    var golden = new GoldenCase(name);
    try (var decoder = golden.decoder();
        var scope = TensorScope.open()) {
      HubFolder.write(folder, decoder, WHOLE);
      assertTrue(HubFolder.isOne(folder));
      assertEquals(golden.config(), HubFolder.config(folder));
      try (var again = HubFolder.read(folder, Device.CPU)) {
        var ids = golden.ids("input_ids");
        var expected = decoder.logits(decoder.hidden(ids)).toFloatArray();
        assertArrayEquals(expected, again.logits(again.hidden(ids)).toFloatArray());
      }
    }
  }

  @Test
  void halfIsWrittenAndReadAsFloat() {
    try (var decoder = Decoder.random(QWEN, Device.CPU)) {
      HubFolder.write(folder, decoder, export(DType.BFLOAT16, null));
    }
    try (var file = Safetensors.read(folder.resolve("model.safetensors"))) {
      assertTrue(file.tensors().values().stream().allMatch(t -> t.type() == ElementType.BF16));
    }
    try (var decoder = HubFolder.read(folder, Device.CPU)) {
      assertEquals(DType.FLOAT32, decoder.headWeight().dtype());
    }
  }

  @Test
  void tokenizerAndGenerationAreThere(@TempDir Path tokenizer) throws IOException {
    Files.writeString(tokenizer.resolve("tokenizer_config.json"), "{}");
    try (var decoder = Decoder.random(LLAMA, Device.CPU)) {
      var export = export(DType.FLOAT32, tokenizer);
      var e =
          assertThrows(ModelConfigException.class, () -> HubFolder.write(folder, decoder, export));
      assertTrue(e.getMessage().contains("has no tokenizer.json"), e.getMessage());
      assertFalse(HubFolder.isOne(folder));
      Files.writeString(tokenizer.resolve("tokenizer.json"), "{\"version\":\"1.0\"}");
      HubFolder.write(folder, decoder, export);
    }
    assertEquals("{}", Files.readString(folder.resolve("tokenizer_config.json")));
    assertEquals("{\"version\":\"1.0\"}", Files.readString(folder.resolve("tokenizer.json")));
    var node = JSON.readTree(Files.readString(folder.resolve("generation_config.json")));
    assertEquals(2, node.get("eos_token_id").intValue());
    assertEquals(0.85, node.get("temperature").doubleValue());
  }

  @Test
  void whatTheyHaveNotIsRefused() {
    var moe = LLAMA.with(Experts.MINIMIND2);
    var e = assertThrows(ModelConfigException.class, () -> HubConfig.write(moe, WHOLE));
    assertTrue(e.getMessage().contains("LlamaForCausalLM has no experts"), e.getMessage());
    var shared = QWEN.with(Experts.MINIMIND2);
    e = assertThrows(ModelConfigException.class, () -> HubConfig.write(shared, WHOLE));
    assertTrue(e.getMessage().contains("1 shared experts"), e.getMessage());
    assertThrows(ModelConfigException.class, () -> export(DType.INT64, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model_type|\"gpt2\"|model_type is \"gpt2\"; known are",
        "hidden_act|\"gelu\"|hidden_act is gelu, this decoder has only silu",
        "attention_bias|true|attention_bias is true",
        "use_sliding_window|true|use_sliding_window is true",
        "hidden_size|null|hidden_size is missing",
        "hidden_size|\"wide\"|hidden_size is \"wide\", must be a whole number",
        "tie_word_embeddings|1|tie_word_embeddings is 1, must be true or false",
        "rope_scaling|{\"rope_type\":\"linear\",\"factor\":2}|rope_scaling of type linear",
        "mlp_only_layers|[0]|mlp_only_layers is [0]"
      })
  void foreignConfigsAreRefusedByField(String field, String value, String message)
      throws IOException {
    var node = HubConfig.write(QWEN, WHOLE);
    node.set(field, JSON.readTree(value));
    var e = assertThrows(ModelConfigException.class, () -> HubConfig.read(node, "a/config.json"));
    assertTrue(e.getMessage().startsWith("a/config.json: " + message), e.getMessage());
  }

  @Test
  void newerTransformersTellRotationsElsewhere() throws IOException {
    var node = HubConfig.write(QWEN, WHOLE);
    node.remove("rope_theta");
    node.set("rope_parameters", JSON.readTree("{\"rope_type\":\"default\",\"rope_theta\":5000}"));
    assertEquals(5000, HubConfig.read(node, "config.json").ropeTheta());
    node.set("rope_parameters", JSON.readTree("{\"rope_type\":\"yarn\",\"factor\":4}"));
    assertEquals(new Yarn(4, 2048, 32, 1, 1), HubConfig.read(node, "config.json").yarn());
  }

  @Test
  void readsWeightsInSeveralFiles() throws IOException {
    write(LLAMA);
    var whole = folder.resolve("model.safetensors");
    var map = JSON.createObjectNode();
    try (var scope = TensorScope.open();
        var expected = HubFolder.read(folder, Device.CPU);
        var file = Weights.open(whole)) {
      int part = 0;
      for (var tensor : file.tensors().values()) {
        var name = "pytorch_model-%05d.bin".formatted(++part);
        PthFile.write(folder.resolve(name), List.of(tensor));
        map.put(tensor.name(), name);
      }
      Files.delete(whole);
      var index = JSON.createObjectNode().set("weight_map", map).toString();
      Files.writeString(folder.resolve("pytorch_model.bin.index.json"), index);
      try (var actual = HubFolder.read(folder, Device.CPU)) {
        expected
            .parameters()
            .forEach(
                (name, tensor) ->
                    assertArrayEquals(
                        tensor.detach().toFloatArray(),
                        actual.parameters().get(name).detach().toFloatArray()));
      }
    }
  }

  @Test
  void brokenFoldersAreNamed() throws IOException {
    var e = assertThrows(ModelConfigException.class, () -> HubFolder.config(folder));
    assertTrue(e.getMessage().contains("has no config.json"));
    write(QWEN);
    Files.delete(folder.resolve("model.safetensors"));
    var none = assertThrows(WeightException.class, () -> HubFolder.read(folder, Device.CPU));
    assertTrue(none.getMessage().contains("has none of model.safetensors"), none.getMessage());
    Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": ");
    e = assertThrows(ModelConfigException.class, () -> HubFolder.config(folder));
    assertTrue(e.getMessage().contains("is no JSON"), e.getMessage());
  }

  @Test
  void weightsOfAnotherModelAreRefused() throws IOException {
    write(QWEN);
    var node = HubConfig.write(LLAMA, WHOLE);
    Files.writeString(folder.resolve("config.json"), node.toString());
    var e = assertThrows(WeightException.class, () -> HubFolder.read(folder, Device.CPU));
    assertTrue(e.getMessage().contains("2 unexpected"), e.getMessage());
  }
}
