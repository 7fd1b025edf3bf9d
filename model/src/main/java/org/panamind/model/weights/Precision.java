package org.panamind.model.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Conversion between float32, float16 and bfloat16, rounding to nearest, ties to even, as torch
 * rounds; for export at half size and for weights that were exported so.
 */
public final class Precision {
  private static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final short BF16_NAN = 0x7FC0;

  private Precision() {}

  /**
   * Converts the float32, float16 and bfloat16 tensors among {@code tensors}; others, and those of
   * the wanted type already, are handed on as they are. Tensors that were tied stay tied.
   *
   * @param type F32, F16 or BF16
   * @param arena owns the converted bytes
   * @throws IllegalArgumentException if {@code type} is another
   */
  public static List<StoredTensor> convert(
      Collection<StoredTensor> tensors, ElementType type, Arena arena) {
    if (!isSupported(type)) {
      throw new IllegalArgumentException(type + " is no target of a conversion: F32, F16 or BF16");
    }
    Map<StorageKey, MemorySegment> done = new HashMap<>();
    List<StoredTensor> converted = new ArrayList<>();
    for (StoredTensor t : tensors) {
      if (t.type() == type || !isSupported(t.type())) {
        converted.add(t);
      } else {
        MemorySegment bytes = done.computeIfAbsent(StorageKey.of(t), k -> convert(t, type, arena));
        converted.add(new StoredTensor(t.name(), type, t.shape(), bytes));
      }
    }
    return converted;
  }

  /**
   * The elements as floats.
   *
   * @throws IllegalArgumentException if the tensor is not of F32, F16 or BF16, or has 2^31 elements
   */
  public static float[] toFloats(StoredTensor tensor) {
    if (!isSupported(tensor.type()) || tensor.elementCount() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "tensor %s: %d elements of %s do not fit a float array"
              .formatted(tensor.name(), tensor.elementCount(), tensor.type()));
    }
    float[] values = new float[(int) tensor.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(tensor.type(), tensor.bytes(), i);
    }
    return values;
  }

  /** The bfloat16 nearest to {@code value}, as its bits; every NaN becomes torch's 0x7fc0. */
  public static short floatToBfloat16(float value) {
    if (Float.isNaN(value)) {
      return BF16_NAN;
    }
    int bits = Float.floatToRawIntBits(value);
    // Half of the last kept place, less one when that place is even: ties go to even.
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /** The value of a bfloat16's bits, exact. */
  public static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  private static boolean isSupported(ElementType type) {
    return type == ElementType.F32 || type == ElementType.F16 || type == ElementType.BF16;
  }

  private static MemorySegment convert(StoredTensor t, ElementType type, Arena arena) {
    long count = t.elementCount();
    MemorySegment out = arena.allocate(count * type.width(), type.width());
    for (long i = 0; i < count; i++) {
      float value = get(t.type(), t.bytes(), i);
      switch (type) {
        case F16 -> out.setAtIndex(HALF, i, Float.floatToFloat16(value));
        case BF16 -> out.setAtIndex(HALF, i, floatToBfloat16(value));
        default -> out.setAtIndex(StoredTensor.FLOAT, i, value);
      }
    }
    return out;
  }

  private static float get(ElementType type, MemorySegment bytes, long i) {
    return switch (type) {
      case F16 -> Float.float16ToFloat(bytes.getAtIndex(HALF, i));
      case BF16 -> bfloat16ToFloat(bytes.getAtIndex(HALF, i));
      default -> bytes.getAtIndex(StoredTensor.FLOAT, i);
    };
  }
}
