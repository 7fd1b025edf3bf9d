package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.panamind.torch.ffi.Panamind;

/** Types, and copies between Java's memory and tensors. */
@ExtendWith(ScopePerTest.class)
class DTypeTest {
  @ParameterizedTest
  @EnumSource(DType.class)
  void smallWholeNumbersSurviveEveryType(DType type) {
    var values = type == DType.BOOL ? new float[] {0, 1, 1, 0} : new float[] {0, 1, 100, 7};
    var converted = Tensor.of(values, 2, 2).to(type);
    assertEquals(type, converted.dtype());
    assertArrayEquals(values, converted.toFloatArray());
    assertEquals(type.bytes() * 4L, bytesOf(converted).length);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void bytesOfATensorMakeTheSameTensor(DType type) {
    var values = Tensor.of(new long[] {1, 0, 3, 2, 5, 4}, 2, 3).to(type);
    var again = Tensor.copyOf(MemorySegment.ofArray(bytesOf(values)), type, 2, 3);
    assertTrue(values.equalTo(again));
  }

  private static byte[] bytesOf(Tensor tensor) {
    try (var arena = Arena.ofConfined()) {
      var memory = arena.allocate(tensor.numel() * tensor.dtype().bytes(), 8);
      tensor.copyTo(memory);
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void numbersAreTorchsOwn(DType type) {
    var scratch = Scratch.get();
    scratch.reset();
    Status.check(Panamind.pm_dtype_of_name(scratch.text(type.torchName()), scratch.out));
    assertEquals(scratch.out.get(ValueLayout.JAVA_INT, 0), type.number());
    assertEquals(type, DType.ofNumber(type.number()));
    assertEquals(type, DType.ofName(type.torchName()));
  }

  @Test
  void roundingIsThatOfTheSmallerType() {
    var third = Tensor.of(new double[] {1 / 3.0, 65504, 70000});
    assertArrayEquals(
        new float[] {0x1.554p-2f, 65504, Float.POSITIVE_INFINITY},
        third.to(DType.FLOAT16).toFloatArray());
    assertArrayEquals(
        new float[] {0x1.56p-2f, 65536, 70144}, third.to(DType.BFLOAT16).toFloatArray());
  }

  @Test
  void everyJavaArrayBecomesItsType() {
    assertEquals(DType.FLOAT32, Tensor.of(new float[] {1}).dtype());
    assertEquals(DType.FLOAT64, Tensor.of(new double[] {1}).dtype());
    assertEquals(DType.INT64, Tensor.of(new long[] {1}).dtype());
    assertEquals(DType.INT32, Tensor.of(new int[] {1}).dtype());
    assertEquals(DType.BOOL, Tensor.of(new boolean[] {true}).dtype());
    assertEquals(Long.MIN_VALUE, Tensor.of(new long[] {Long.MIN_VALUE}).itemLong());
    assertArrayEquals(new long[] {-2, 1}, Tensor.of(new double[] {-2.9, 1.9}).toLongArray());
  }

  @Test
  void largeAndEmptyArraysAreCopiedWhole() {
    var large = new float[100_003];
    for (int i = 0; i < large.length; i++) large[i] = i;
    assertArrayEquals(large, Tensor.of(large).toFloatArray());
    assertArrayEquals(new float[0], Tensor.of(new float[0], 0, 3).toFloatArray());
    assertArrayEquals(new long[] {0, 3}, Tensor.of(new float[0], 0, 3).shape());
  }

  @Test
  void aShapeThatDoesNotFitIsRefused() {
    var error = assertThrows(TorchException.class, () -> Tensor.of(new float[5], 2, 3));
    assertEquals("the tensor holds 24 bytes, the buffer 20", error.getMessage());
    assertThrows(TorchException.class, () -> Tensor.of(new float[1], -1, -1));
    assertThrows(TorchException.class, () -> Tensor.of(new float[0], 1L << 40, 1L << 40));
    try (var arena = Arena.ofConfined()) {
      var memory = arena.allocate(8);
      assertThrows(TorchException.class, () -> Torch.ones(3).copyTo(memory));
    }
  }

  @Test
  void hostMemoryIsTheTensorsOwn() {
    var values = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    var memory = values.hostMemory();
    values.mul_(2);
    assertArrayEquals(new float[] {2, 4, 6, 8}, memory.toArray(ValueLayout.JAVA_FLOAT));
    assertTrue(memory.isReadOnly());
    var error = assertThrows(TorchException.class, () -> values.t().hostMemory());
    assertTrue(error.getMessage().startsWith("only a contiguous CPU tensor"), error.getMessage());
    assertTrue(values.equalTo(Tensor.copyOf(memory, DType.FLOAT32, 2, 2)));
  }

  @Test
  void aViewIsCopiedOutInItsOwnOrder() {
    var matrix = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, matrix.t().toFloatArray());
    assertArrayEquals(new float[] {2, 5}, matrix.select(1, 1).toFloatArray());
  }

  @Test
  void unknownNamesAreRefused() {
    var error = assertThrows(IllegalArgumentException.class, () -> DType.ofName("float8"));
    assertTrue(error.getMessage().contains("'float8'") && error.getMessage().contains("bfloat16"));
    assertThrows(TorchException.class, () -> DType.ofNumber(9));
    assertThrows(TorchException.class, () -> DType.ofNumber(-1));
  }
}
