package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  @Test
  void everyBfloat16SurvivesTheWayThroughFloat() {
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      float value = Precision.bfloat16ToFloat((short) bits);
      short back = Precision.floatToBfloat16(value);
      assertEquals(Float.isNaN(value) ? (short) 0x7FC0 : (short) bits, back);
    }
  }

  @Test
  void roundsToTheNearestBfloat16AndTiesToEven() {
    long seed = 20_240_501;
    Random random = new Random(seed);
    for (int n = 0; n < 200_000; n++) {
      int bits = random.nextInt();
      // Every fourth value lies exactly between two neighbours.
      bits = n % 4 == 0 ? bits & 0xFFFF0000 | 0x8000 : bits;
      float value = Float.intBitsToFloat(bits);
      int below = bits >>> 16;
      if (!Float.isFinite(value) || !Float.isFinite(Float.intBitsToFloat(below + 1 << 16))) {
        continue;
      }
      double low = Math.abs((double) value - Precision.bfloat16ToFloat((short) below));
      double high = Math.abs((double) value - Precision.bfloat16ToFloat((short) (below + 1)));
      int nearest = low < high || low == high && below % 2 == 0 ? below : below + 1;
      assertEquals((short) nearest, Precision.floatToBfloat16(value), "seed " + seed + " " + value);
    }
    assertEquals((short) 0x7F80, Precision.floatToBfloat16(Float.MAX_VALUE));
    assertEquals((short) 0xFF80, Precision.floatToBfloat16(Float.NEGATIVE_INFINITY));
  }

  @Test
  void convertsBetweenTheThreeTypesAndKeepsTies() {
    float[] values = {0, -1.5f, 65504, 1e-7f, 3.14159f, Float.POSITIVE_INFINITY};
    StoredTensor a = StoredTensor.ofFloats("a", values, 2, 3);
    StoredTensor ids =
        new StoredTensor(
            "ids", ElementType.I64, new long[] {1}, MemorySegment.ofArray(new byte[8]));
    try (Arena arena = Arena.ofConfined()) {
      List<StoredTensor> half =
          Precision.convert(List.of(a, a.renamed("b"), ids), ElementType.F16, arena);
      assertArrayEquals(
          new float[] {0, -1.5f, 65504, 1.1920929e-7f, 3.140625f, Float.POSITIVE_INFINITY},
          Precision.toFloats(half.get(0)));
      assertEquals("b", half.get(1).name());
      assertSame(half.get(0).bytes(), half.get(1).bytes());
      assertSame(ids, half.get(2));
      StoredTensor brain = Precision.convert(half, ElementType.BF16, arena).getFirst();
      assertArrayEquals(
          new float[] {0, -1.5f, 65536, 1.1920929e-7f, 3.140625f, Float.POSITIVE_INFINITY},
          Precision.toFloats(brain));
      StoredTensor full = Precision.convert(List.of(brain), ElementType.F32, arena).getFirst();
      assertArrayEquals(Precision.toFloats(brain), Precision.toFloats(full));
      assertArrayEquals(new long[] {2, 3}, full.shape());
    }
  }

  @Test
  void refusesTypesItDoesNotConvert() {
    StoredTensor ids =
        new StoredTensor(
            "ids", ElementType.I64, new long[] {1}, MemorySegment.ofArray(new byte[8]));
    assertThrows(IllegalArgumentException.class, () -> Precision.toFloats(ids));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Precision.convert(List.of(), ElementType.I8, Arena.ofAuto()));
    assertTrue(e.getMessage().contains("I8"));
  }
}
