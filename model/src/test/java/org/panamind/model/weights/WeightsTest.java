package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsTest {
  @TempDir Path folder;

  private static Map<String, long[]> shapes(WeightFile file) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    file.tensors().forEach((name, t) -> shapes.put(name, t.shape()));
    return shapes;
  }

  @Test
  void tellsTheFormatsApartByTheirBytesNotTheirNames() {
    Path pth = folder.resolve("really_pth.safetensors");
    Path safetensors = folder.resolve("really_safetensors.pth");
    PthFile.write(pth, Fixtures.tensors(1));
    Safetensors.write(safetensors, Fixtures.tensors(1), Map.of());
    try (WeightFile a = Weights.open(pth);
        WeightFile b = Weights.open(safetensors)) {
      assertEquals(a.tensors().keySet().size(), b.tensors().keySet().size());
      assertEquals(Map.of("format", "pt"), b.metadata());
      assertEquals(pth, a.path());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a.pth, hello there reader, does not start as",
    "a.bin, GGUF3456789, does not start as",
    "a.safetensors, GGUF, before its header",
    "a.safetensors, version https://git-lfs.github.com, header's length",
    "a.pth, PK-by-chance, directory at the end is missing",
  })
  void saysWhatAFileIsNot(String name, String content, String reason) {
    Path file = Fixtures.write(folder, name, Fixtures.latin(content));
    WeightException e = assertThrows(WeightException.class, () -> Weights.open(file).close());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void acceptsTheShapesItHas() {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Fixtures.tensors(1), Map.of());
    try (WeightFile read = Weights.open(file)) {
      Weights.requireMatch(read, shapes(read));
    }
  }

  @Test
  void namesAllThatDoesNotFitInOneMessage() {
    List<StoredTensor> tensors = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      MemorySegment empty = MemorySegment.ofArray(new byte[0]);
      tensors.add(new StoredTensor("extra." + i, ElementType.F32, new long[] {0}, empty));
    }
    tensors.add(StoredTensor.ofFloats("wq", new float[4], 2, 2));
    Path file = folder.resolve("a.pth");
    PthFile.write(file, tensors);
    Map<String, long[]> expected =
        Map.of("wq", new long[] {4, 1}, "wk", new long[] {2}, "extra.0", new long[] {0});
    try (WeightFile read = Weights.open(file)) {
      WeightException e =
          assertThrows(WeightException.class, () -> Weights.requireMatch(read, expected));
      assertEquals(
          file
              + ": the weights are not this model's: 1 misshapen (wq is [2, 2], this model wants"
              + " [4, 1]); 1 missing (\"wk\"); 5 unexpected (\"extra.1\"; \"extra.2\"; \"extra.3\";"
              + " \"extra.4\"; and 1 more). Use the sizes (--hidden_size, --num_hidden_layers, ...)"
              + " of the run that wrote them.",
          e.getMessage());
      assertEquals(-1, e.offset());
    }
  }
}
