package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.WeightException;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Decoders to files and back. */
class DecoderFilesTest {
  @TempDir Path folder;

  private final GoldenCase golden = new GoldenCase("minimind2/model_dense");

  @Test
  void miniMindsHalfFileIsTheSafetensorsRounded() {
    try (var whole = golden.decoder();
        var half = DecoderFiles.readAs(golden.file("init_half.pth"), golden.config(), Device.CPU);
        var scope = TensorScope.open()) {
      whole
          .parameters()
          .forEach(
              (name, tensor) -> {
                var rounded = tensor.to(DType.FLOAT16).to(DType.FLOAT32);
                assertTrue(rounded.equalTo(half.parameters().get(name)), name);
              });
    }
  }

  @Test
  void safetensorsComeBackWithTheirConfig() {
    var file = folder.resolve("a.safetensors");
    try (var decoder = golden.decoder()) {
      DecoderFiles.writeSafetensors(file, decoder, Map.of("step", "3"));
      try (var again = DecoderFiles.read(file, ModelConfig.DEFAULT, Device.CPU)) {
        assertEquals(golden.config(), again.config());
        assertSame(decoder, again);
      }
    }
  }

  @Test
  void pthComesBackWithItsSizes() {
    var file = folder.resolve("a.pth");
    try (var decoder = golden.decoder()) {
      DecoderFiles.writePth(file, decoder, DType.FLOAT32);
      try (var again = DecoderFiles.read(file, golden.config(), Device.CPU)) {
        assertEquals(golden.config(), again.config());
        assertSame(decoder, again);
      }
    }
  }

  private static void assertSame(Decoder expected, Decoder actual) {
    assertEquals(expected.parameters().keySet(), actual.parameters().keySet());
    expected
        .parameters()
        .forEach(
            (name, tensor) ->
                assertArrayEquals(
                    tensor.toFloatArray(), actual.parameters().get(name).toFloatArray(), name));
  }

  @Test
  void misfitNamesTheTensor() {
    long before = Tensor.liveCount();
    var other = ModelConfig.minimind2(97, 64, 2, 4, 2, 128, 128, 1e6, null, 0);
    var e =
        assertThrows(
            WeightException.class,
            () -> DecoderFiles.readAs(golden.file("init.safetensors"), other, Device.CPU));
    assertTrue(e.getMessage().contains("is [97, 32], this model wants [97, 64]"), e.getMessage());
    assertEquals(before, Tensor.liveCount());
  }

  @Test
  void headOfItsOwnIsNotLostInSilence() {
    var file = folder.resolve("untied.safetensors");
    try (var decoder = golden.decoder();
        var scope = TensorScope.open()) {
      var tensors = new LinkedHashMap<>(decoder.parameters());
      tensors.put("lm_head.weight", tensors.get("model.embed_tokens.weight").detach().add(1));
      TensorFiles.store(tensors, stored -> Safetensors.write(file, stored, Map.of()));
    }
    var e =
        assertThrows(
            WeightException.class, () -> DecoderFiles.readAs(file, golden.config(), Device.CPU));
    assertTrue(e.getMessage().contains("lm_head.weight differs"), e.getMessage());
  }
}
