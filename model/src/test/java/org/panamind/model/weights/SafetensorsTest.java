package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void readsBackWhatItWrote() {
    Path file = folder.resolve("a.safetensors");
    List<StoredTensor> tensors = Fixtures.tensors(7);
    Safetensors.write(file, tensors, Map.of("step", "12", "note", "\"§\"\n"));
    try (WeightFile read = Safetensors.read(file)) {
      assertEquals(Map.of("format", "pt", "step", "12", "note", "\"§\"\n"), read.metadata());
      LinkedHashMap<String, StoredTensor> got = read.tensors();
      assertEquals(tensors.size(), got.size());
      for (StoredTensor t : tensors) {
        StoredTensor g = got.get(t.name());
        assertEquals(t.type(), g.type());
        assertArrayEquals(t.shape(), g.shape());
        assertArrayEquals(Fixtures.bytes(t), Fixtures.bytes(g));
        assertEquals(0, g.bytes().address() % t.type().width(), t.name() + " is not aligned");
      }
    }
  }

  @Test
  void writesTheSameBytesEachTime() {
    Path a = folder.resolve("a.safetensors");
    Path b = folder.resolve("b.safetensors");
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "1");
    metadata.put("a", "2");
    Safetensors.write(a, Fixtures.tensors(1), metadata);
    Safetensors.write(b, Fixtures.tensors(1), Map.of("a", "2", "z", "1"));
    assertArrayEquals(Fixtures.read(a), Fixtures.read(b));
  }

  @Test
  void writesTheHeaderAsTheFormatHasIt() {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, List.of(StoredTensor.ofFloats("w", new float[] {1, 2}, 2)), Map.of());
    byte[] bytes = Fixtures.read(file);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
    assertEquals(
        "{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        header.strip());
    assertEquals(0, length % 8);
    assertEquals(8 + length + 8, bytes.length);
  }

  @Test
  void readsAFileOfTheReferenceLibrary() {
    Path file = Fixtures.resource("golden/minimind2/model_dense/init.safetensors");
    try (WeightFile read = Safetensors.read(file)) {
      StoredTensor embedding = read.tensors().get("model.embed_tokens.weight");
      assertEquals(ElementType.F32, embedding.type());
      assertArrayEquals(new long[] {97, 32}, embedding.shape());
      assertArrayEquals(
          Fixtures.bytes(embedding), Fixtures.bytes(read.tensors().get("lm_head.weight")));
    }
  }

  @Test
  void refusesToWriteANameTwice() {
    StoredTensor t = StoredTensor.ofFloats("w", new float[] {1}, 1);
    Path file = folder.resolve("a.safetensors");
    assertThrows(
        IllegalArgumentException.class, () -> Safetensors.write(file, List.of(t, t), Map.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Safetensors.write(file, List.of(t.renamed("__metadata__")), Map.of()));
    assertTrue(Files.notExists(file));
  }

  @Test
  void tensorsEndWithTheirFile() {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Fixtures.tensors(1), Map.of());
    WeightFile read = Safetensors.read(file);
    StoredTensor t = read.tensors().get("scalar");
    read.close();
    read.close();
    assertThrows(IllegalStateException.class, () -> Precision.toFloats(t));
  }
}
