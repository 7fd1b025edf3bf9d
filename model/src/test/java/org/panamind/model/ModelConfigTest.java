package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.model.weights.PthFile;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.TensorScope;

/** Sizes of the published models, and sizes read off weights. */
class ModelConfigTest {
  @TempDir Path folder;

  private static ModelConfig minimind2(int hidden, int layers) {
    return ModelConfig.minimind2(6400, hidden, layers, 8, 2, 0, 32768, 1e6, null, 0);
  }

  @Test
  void publishedModelsHaveTheirParameterCounts() {
    assertEquals(25_829_888, ModelConfig.DEFAULT.parameterCount());
    assertEquals(104_030_976, minimind2(768, 16).parameterCount());
    assertEquals(145_029_760, minimind2(640, 8).with(Experts.MINIMIND2).parameterCount());
    assertEquals(63_912_192, ModelConfig.MINIMIND3.parameterCount());
    var moe = ModelConfig.MINIMIND3.with(Experts.MINIMIND3);
    assertEquals(198_416_640, moe.parameterCount());
    // One expert of four a token leaves the dense model and the routers.
    assertEquals(63_912_192 + 8 * 4 * 768, moe.activeParameterCount());
    assertEquals(2432, ModelConfig.MINIMIND3.feedForwardSize());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "minimind2/model_dense",
        "minimind2/model_moe",
        "minimind3/model_dense",
        "minimind3/model_moe"
      })
  void sizesAreReadOffTheWeights(String name) {
    var golden = new GoldenCase(name);
    try (var decoder = golden.decoder();
        var again = DecoderFiles.read(golden.file("init_half.pth"), golden.config(), Device.CPU)) {
      assertEquals(golden.config(), again.config());
      assertEquals(decoder.parameters().keySet(), again.parameters().keySet());
    }
  }

  @Test
  void parametersStandInTheOrderOfMiniMindsStateDict() {
    for (var name : new String[] {"minimind2/model_moe", "minimind3/model_moe"}) {
      var golden = new GoldenCase(name);
      try (var decoder = golden.decoder();
          var pth = PthFile.read(golden.file("init_half.pth"))) {
        var names = new ArrayList<>(pth.stateDict().keySet());
        names.remove("lm_head.weight");
        assertEquals(names, List.copyOf(decoder.parameters().keySet()));
      }
    }
  }

  @Test
  void headOfItsOwnIsKept() {
    var config =
        ModelConfig.minimind3(50, 32, 2, 4, 2, 16, 0, 64, 1e6, Yarn.DEFAULT, 0)
            .withTiedEmbedding(false)
            .with(Experts.MINIMIND3);
    try (var decoder = Decoder.random(config, Device.CPU)) {
      var file = folder.resolve("a.safetensors");
      DecoderFiles.writeSafetensors(file, decoder, Map.of());
      DecoderFiles.writePth(folder.resolve("a.pth"), decoder, DType.FLOAT32);
      for (var path : new Path[] {file, folder.resolve("a.pth")}) {
        try (var again = DecoderFiles.read(path, config, Device.CPU);
            var scope = TensorScope.open()) {
          assertEquals(config, again.config());
          assertTrue(decoder.headWeight().equalTo(again.headWeight()));
          assertTrue(
              !again.headWeight().equalTo(again.parameters().get("model.embed_tokens.weight")));
        }
      }
    }
  }

  @Test
  void firstWeightsAreThoseOfEachGeneration() {
    Generators.seed(1);
    assertFirst(
        ModelConfig.minimind2(500, 64, 1, 4, 2, 0, 64, 1e6, null, 0), 1 / Math.sqrt(3 * 64), 0.125);
    assertFirst(ModelConfig.minimind3(500, 64, 1, 4, 2, 0, 0, 64, 1e6, null, 0), 0.02, 0.2);
  }

  private static void assertFirst(ModelConfig config, double deviation, double bound) {
    try (var decoder = Decoder.random(config, Device.CPU);
        var scope = TensorScope.open()) {
      for (var name :
          new String[] {"model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight"}) {
        var weight = decoder.parameters().get(name);
        assertEquals(deviation, weight.std().item(), 0.03 * deviation, name);
        assertTrue(weight.abs().max().item() <= bound, name);
      }
      assertEquals(1, decoder.parameters().get("model.norm.weight").min().item());
    }
  }

  @Test
  void misfitsAreNamed() {
    var e =
        assertThrows(
            ModelConfigException.class,
            () -> ModelConfig.minimind3(50, 32, 2, 4, 2, 7, 0, 64, 1e6, null, 0));
    assertTrue(e.getMessage().contains("heads of width 7"), e.getMessage());
  }
}
