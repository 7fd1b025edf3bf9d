package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PthFileTest {
  @TempDir Path folder;

  private static long integer(StoredTensor t, int i) {
    ByteBuffer bytes = t.bytes().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return switch (t.type().width()) {
      case 8 -> bytes.getLong(8 * i);
      case 4 -> bytes.getInt(4 * i);
      case 2 -> bytes.getShort(2 * i);
      default -> bytes.get(i);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"weights/kinds.pth", "weights/kinds_protocol4.pth"})
  void readsEveryKindOfTensor(String name) {
    try (PthFile file = PthFile.read(Fixtures.resource(name))) {
      Map<String, StoredTensor> t = file.stateDict();
      assertEquals(20, t.size());
      assertEquals("f64", t.keySet().iterator().next());
      for (String key : List.of("f32", "f16", "bf16", "parameter")) {
        float[] values = Precision.toFloats(t.get(key));
        for (int i = 0; i < 12; i++) {
          assertEquals(i, values[i], key);
        }
      }
      for (int i = 0; i < 12; i++) {
        double wide =
            t.get("f64").bytes().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getDouble(8 * i);
        assertEquals(i, wide);
        for (String key : List.of("i64", "i32", "i16", "i8")) {
          assertEquals(i - 6, integer(t.get(key), i), key);
        }
        assertEquals(i, integer(t.get("u8"), i));
        assertEquals(i % 2 == 0 ? 1 : 0, integer(t.get("bool"), i));
      }
      assertEquals(ElementType.BOOL, t.get("bool").type());
      assertEquals(ElementType.BF16, t.get("bf16").type());
      assertArrayEquals(new long[] {3, 4}, t.get("f32").shape());
      assertArrayEquals(new long[0], t.get("scalar").shape());
      assertArrayEquals(new float[] {2.5f}, Precision.toFloats(t.get("scalar")));
      assertArrayEquals(new long[] {0, 3}, t.get("empty").shape());
    }
  }

  @Test
  void putsStridedTensorsInOrder() {
    try (PthFile file = PthFile.read(Fixtures.resource("weights/kinds.pth"))) {
      Map<String, StoredTensor> t = file.stateDict();
      float[] transposed = new float[24];
      float[] permuted = new float[24];
      for (int i = 0; i < 24; i++) {
        transposed[i] = i % 4 * 6 + i / 4;
        permuted[i] = i / 6 + i / 3 % 2 * 12 + i % 3 * 4;
      }
      assertArrayEquals(new long[] {6, 4}, t.get("transposed").shape());
      assertArrayEquals(transposed, Precision.toFloats(t.get("transposed")));
      assertArrayEquals(transposed, Precision.toFloats(t.get("transposed_half")));
      assertArrayEquals(new long[] {4, 2, 3}, t.get("permuted").shape());
      assertArrayEquals(permuted, Precision.toFloats(t.get("permuted")));
      assertArrayEquals(
          new float[] {1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23},
          Precision.toFloats(t.get("stepped")));
      assertArrayEquals(new float[] {20, 21, 22, 23}, Precision.toFloats(t.get("tail")));
    }
  }

  @Test
  void keepsTiedTensorsTied() {
    try (PthFile file = PthFile.read(Fixtures.resource("weights/kinds.pth"))) {
      Map<String, StoredTensor> t = file.stateDict();
      assertEquals(StorageKey.of(t.get("tied_a")), StorageKey.of(t.get("tied_b")));
      assertNotEquals(StorageKey.of(t.get("tied_a")), StorageKey.of(t.get("f32")));
    }
  }

  @Test
  void readsTheStateDictOfAModule() {
    try (WeightFile file = Weights.open(Fixtures.resource("weights/module.pth"))) {
      assertEquals(
          List.of("0.weight", "0.bias", "1.weight", "1.bias"),
          List.copyOf(file.tensors().keySet()));
      assertArrayEquals(
          new float[] {0, 1, 2, 3, 4, 5}, Precision.toFloats(file.tensors().get("0.weight")));
      assertEquals(Map.of(), file.metadata());
    }
  }

  @Test
  void readsANestedFileToResumeFrom() {
    try (PthFile file = PthFile.read(Fixtures.resource("weights/resume.pth"))) {
      PickleValue.Dict root = assertInstanceOf(PickleValue.Dict.class, file.root());
      assertEquals(new PickleValue.Int(1L << 40), root.get("step"));
      assertEquals(new PickleValue.Int(-7), root.get("small"));
      assertEquals(new PickleValue.None(), root.get("wandb_id"));
      assertEquals(new PickleValue.Bool(false), root.get("done"));
      assertEquals(
          new PickleValue.Sequence(List.of(new PickleValue.Real(0.5), new PickleValue.Real(-1.25))),
          root.get("rates"));
      assertEquals(
          4, assertInstanceOf(PickleValue.Sequence.class, root.get("shape")).items().size());
      PickleValue.Dict optimizer = assertInstanceOf(PickleValue.Dict.class, root.get("optimizer"));
      PickleValue.Dict state = assertInstanceOf(PickleValue.Dict.class, optimizer.get("state"));
      PickleValue.Dict first =
          assertInstanceOf(PickleValue.Dict.class, state.entries().get(new PickleValue.Int(0)));
      PickleValue.Tensor moment = assertInstanceOf(PickleValue.Tensor.class, first.get("exp_avg"));
      assertArrayEquals(new long[] {2, 3}, moment.shape());
      assertEquals(
          List.of("0.weight", "0.bias", "1.weight", "1.bias"),
          List.copyOf(file.stateDict().keySet()));
    }
  }

  @Test
  void readsMiniMindsHalfWeightsAsTheSafetensorsRounded() {
    try (WeightFile half =
            Weights.open(Fixtures.resource("golden/minimind2/model_dense/init_half.pth"));
        WeightFile full =
            Weights.open(Fixtures.resource("golden/minimind2/model_dense/init.safetensors"));
        Arena arena = Arena.ofConfined()) {
      assertEquals(full.tensors().keySet(), half.tensors().keySet());
      for (StoredTensor t : Precision.convert(full.tensors().values(), ElementType.F16, arena)) {
        StoredTensor read = half.tensors().get(t.name());
        assertEquals(ElementType.F16, read.type());
        assertArrayEquals(t.shape(), read.shape());
        assertEquals(-1, t.bytes().mismatch(read.bytes()), t.name());
      }
    }
  }

  @Test
  void readsTheExtraEntriesOfTorch2() {
    Path source = Fixtures.resource("weights/kinds.pth");
    Path file = folder.resolve("torch2.pth");
    ZipWriter writer = new ZipWriter();
    try (Arena arena = Arena.ofConfined()) {
      ZipArchive zip = new ZipArchive(source, WeightFile.map(source, arena));
      zip.entries().values().forEach(e -> writer.add(e.name(), zip.content(e)));
      writer.add("kinds/.format_version", MemorySegment.ofArray(Fixtures.latin("1")));
      writer.add("kinds/.storage_alignment", MemorySegment.ofArray(Fixtures.latin("64")));
      writer.add("kinds/byteorder", MemorySegment.ofArray(Fixtures.latin("little")));
      writer.add("kinds/.data/serialization_id", MemorySegment.ofArray(Fixtures.latin("17")));
      writer.write(file);
    }
    try (WeightFile read = Weights.open(file)) {
      assertEquals(20, read.tensors().size());
    }
  }

  @Test
  void saysWhatToDoWithTheOldFormat() {
    WeightException e =
        assertThrows(
            WeightException.class, () -> Weights.open(Fixtures.resource("weights/legacy.pth")));
    assertTrue(e.getMessage().contains("old format"), e.getMessage());
    assertTrue(e.getMessage().contains("write it again with torch.save"), e.getMessage());
  }

  @Test
  void refusesAnExpandedViewOfOneElement() {
    WeightException e =
        assertThrows(
            WeightException.class, () -> Weights.open(Fixtures.resource("weights/expanded.pth")));
    assertTrue(e.getMessage().contains("[1000, 1000] is an expanded view"), e.getMessage());
  }

  @Test
  void readsBackWhatItWrote() {
    Path file = folder.resolve("a.pth");
    Path again = folder.resolve("b.pth");
    List<StoredTensor> tensors = Fixtures.tensors(5);
    PthFile.write(file, tensors);
    PthFile.write(again, tensors);
    assertArrayEquals(Fixtures.read(file), Fixtures.read(again));
    try (WeightFile read = Weights.open(file)) {
      assertEquals(
          tensors.stream().map(StoredTensor::name).toList(), List.copyOf(read.tensors().keySet()));
      for (StoredTensor t : tensors) {
        StoredTensor g = read.tensors().get(t.name());
        assertEquals(t.type(), g.type());
        assertArrayEquals(t.shape(), g.shape());
        assertArrayEquals(Fixtures.bytes(t), Fixtures.bytes(g));
        assertTrue(g.elementCount() == 0 || g.bytes().address() % 64 == 0);
      }
      Map<String, StoredTensor> got = read.tensors();
      assertEquals(StorageKey.of(got.get("tied.a")), StorageKey.of(got.get("tied.b")));
    }
  }
}
