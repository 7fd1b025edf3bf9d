package org.panamind.model.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import org.panamind.model.Decoder;
import org.panamind.model.GoldenCase;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.WeightException;
import org.panamind.torch.AdamW;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Low-rank weights: MiniMind's run, files, merging. */
class LoraAdaptersTest {
  private static final ModelConfig SMALL =
      ModelConfig.minimind2(50, 32, 2, 4, 2, 0, 64, 1e6, null, 0);
  private static final List<String> ALL =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"minimind2/lora", "minimind3/lora"})
  void trainsAsMiniMindDoes(String name) {
    var golden = new GoldenCase(name);
    try (var decoder = golden.decoder().training(true);
        var lora = LoraAdapters.read(golden.file("lora_init.safetensors"), decoder);
        var optimizer = new AdamW(lora.parameters(), AdamW.Settings.DEFAULT)) {
      var names = new ArrayList<String>();
      golden.at("lora_names").forEach(n -> names.add(n.asText()));
      assertEquals(names.size(), lora.parameters().size());
      assertTrue(lora.parameters().keySet().containsAll(names));
      for (int i = 0; i < golden.at("batches").size(); i++) {
        var row = golden.at("log").get(i);
        double loss = step(golden, i, decoder, optimizer, row.get("learning_rate").doubleValue());
        assertEquals(row.get("loss").doubleValue(), loss, 1e-3, "step " + i);
      }
      assertFinal(golden, decoder, lora);
    }
  }

  private static double step(
      GoldenCase golden, int index, Decoder decoder, AdamW optimizer, double rate) {
    try (var scope = TensorScope.open()) {
      var batch = golden.at("batches").get(index);
      var labels = GoldenCase.ids(batch.get("labels"));
      var hidden = decoder.hidden(GoldenCase.ids(batch.get("input_ids")));
      double counted = labels.slice(1, 1, labels.size(1)).ne(-100).sum().item();
      var loss = decoder.lossSum(hidden, labels, null).div(counted);
      loss.backward();
      double squares = 0;
      for (var p : optimizer.parameters()) squares += Math.pow(p.grad().norm().item(), 2);
      optimizer.step(rate, Math.min(1, 1 / (Math.sqrt(squares) + 1e-6)));
      for (var p : optimizer.parameters()) p.grad(null);
      decoder.parameters().forEach((name, weight) -> assertNull(weight.grad(), name));
      return loss.item();
    }
  }

  private static void assertFinal(GoldenCase golden, Decoder decoder, LoraAdapters lora) {
    try (var file = Safetensors.read(golden.file("lora_final.safetensors"));
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      lora.parameters()
          .forEach(
              (name, actual) -> {
                var expected = TensorFiles.load(file.tensors().get(name));
                assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), 1e-3f, name);
              });
      var ids = GoldenCase.ids(golden.at("batches").get(0).get("input_ids"));
      var last = decoder.logits(decoder.training(false).hidden(ids)).select(1, -1);
      assertArrayEquals(
          GoldenCase.floats(golden.at("logits_last_after")), last.toFloatArray(), 1e-3f);
    }
  }

  private static Decoder seeded() {
    Generators.seed(5);
    return Decoder.random(SMALL, Device.CPU);
  }

  /** Adapters on every layer whose B is not zero. */
  private static LoraAdapters filled(Decoder decoder, double alpha) {
    var lora = LoraAdapters.random(decoder, new LoraConfig(ALL, 3, alpha));
    try (var no = NoGrad.enter()) {
      lora.parameters().values().forEach(p -> p.normal_(0, 0.1));
    }
    return lora;
  }

  private static float[] logits(Decoder decoder) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Generators.seed(6);
      return decoder.logits(decoder.hidden(Torch.randint(0, 50, Device.CPU, 2, 9))).toFloatArray();
    }
  }

  @Test
  void newAdaptersSayNothing() {
    try (var decoder = seeded()) {
      var before = logits(decoder);
      try (var lora = LoraAdapters.random(decoder, LoraConfig.miniMind(8))) {
        assertEquals(8, lora.parameters().size());
        assertArrayEquals(
            new long[] {8, 32},
            lora.parameters().get("model.layers.1.self_attn.o_proj.lora.A.weight").shape());
        assertArrayEquals(before, logits(decoder));
      }
    }
  }

  @Test
  void mergedWeightsSayTheSame() {
    try (var decoder = seeded()) {
      var plain = logits(decoder);
      var lora = filled(decoder, 6);
      var adapted = logits(decoder);
      assertTrue(difference(plain, adapted) > 0.05);
      lora.merge();
      assertArrayEquals(adapted, logits(decoder), 1e-5f);
      assertTrue(decoder.parameters().values().stream().allMatch(Tensor::requiresGrad));
    }
  }

  private static double difference(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
    return most;
  }

  @Test
  void filesBringTheAdaptersBack() {
    try (var decoder = seeded()) {
      var plain = logits(decoder);
      float[] adapted;
      try (var lora = filled(decoder, 6)) {
        adapted = logits(decoder);
        lora.writeSafetensors(folder.resolve("a.safetensors"), Map.of());
        lora.writePth(folder.resolve("a.pth"), DType.FLOAT32);
      }
      assertArrayEquals(plain, logits(decoder));
      try (var lora = LoraAdapters.read(folder.resolve("a.safetensors"), decoder)) {
        assertEquals(2, lora.scale());
        assertArrayEquals(adapted, logits(decoder));
      }
      try (var lora = LoraAdapters.read(folder.resolve("a.pth"), decoder)) {
        assertEquals(1, lora.scale());
        assertArrayEquals(adapted, logits(decoder), 1e-5f);
      }
    }
  }

  @Test
  void misfitsAreNamed() {
    var file = folder.resolve("a.safetensors");
    try (var decoder = seeded()) {
      var config = new LoraConfig(List.of("w1"), 4, 4);
      var e = assertThrows(ModelConfigException.class, () -> LoraAdapters.random(decoder, config));
      assertTrue(
          e.getMessage().contains("--lora_target w1 matches no linear layer; there are [q_"));
      try (var lora = filled(decoder, 3)) {
        lora.writeSafetensors(file, Map.of());
      }
    }
    long before = Tensor.liveCount();
    var shallow = ModelConfig.minimind2(50, 32, 1, 4, 2, 0, 64, 1e6, null, 0);
    try (var decoder = Decoder.random(shallow, Device.CPU)) {
      var e = assertThrows(WeightException.class, () -> LoraAdapters.read(file, decoder));
      assertTrue(e.getMessage().contains("model.layers.1.self_attn.q_proj, which"), e.getMessage());
    }
    var wide = ModelConfig.minimind2(50, 64, 2, 4, 2, 0, 64, 1e6, null, 0);
    try (var decoder = Decoder.random(wide, Device.CPU)) {
      var e = assertThrows(WeightException.class, () -> LoraAdapters.read(file, decoder));
      assertTrue(e.getMessage().contains("misshapen"), e.getMessage());
    }
    assertEquals(before, Tensor.liveCount());
  }

  @Test
  void boundsNameTheFlag() {
    assertThrows(ModelConfigException.class, () -> new LoraConfig(List.of(), 0, 1));
    assertThrows(ModelConfigException.class, () -> new LoraConfig(List.of(), 4, 0));
  }
}
