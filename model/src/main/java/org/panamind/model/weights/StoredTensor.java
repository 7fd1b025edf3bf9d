package org.panamind.model.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * A tensor as a weight file holds it: named, contiguous in row-major order, little-endian.
 *
 * @param name parameter name, MiniMind's and Hugging Face's ({@code
 *     model.layers.0.self_attn.q_proj.weight})
 * @param type element type
 * @param shape sizes by axis, empty for a scalar; copied in and out
 * @param bytes exactly the elements' bytes. Read from a file it belongs to that {@link WeightFile}
 *     and ends with it; two tensors that were tied have the same segment
 */
public record StoredTensor(String name, ElementType type, long[] shape, MemorySegment bytes) {
  /** Little-endian, at any address: files align tensors to 1 to 64 bytes as they please. */
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Checks that the segment is as long as shape and type say.
   *
   * @throws IllegalArgumentException if it is not, if an axis is negative or the size overflows
   */
  public StoredTensor {
    Objects.requireNonNull(name, "name");
    shape = shape.clone();
    long expected = byteSize(type, shape);
    if (bytes.byteSize() != expected) {
      throw new IllegalArgumentException(
          "tensor %s of %s %s takes %d bytes, its segment has %d"
              .formatted(name, type, Arrays.toString(shape), expected, bytes.byteSize()));
    }
  }

  /**
   * A float32 tensor on the Java heap.
   *
   * @param values elements in row-major order, copied
   * @throws IllegalArgumentException if their count is not the shape's
   */
  public static StoredTensor ofFloats(String name, float[] values, long... shape) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 4)]);
    for (int i = 0; i < values.length; i++) {
      bytes.setAtIndex(FLOAT, i, values[i]);
    }
    return new StoredTensor(name, ElementType.F32, shape, bytes);
  }

  /** Sizes by axis, a fresh copy. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements; 1 for a scalar. */
  public long elementCount() {
    return bytes.byteSize() / type.width();
  }

  /** The same bytes under another name. */
  public StoredTensor renamed(String newName) {
    return new StoredTensor(newName, type, shape, bytes);
  }

  /**
   * Bytes that a contiguous tensor takes.
   *
   * @throws IllegalArgumentException if an axis is negative or the product exceeds 2^63 - 1
   */
  static long byteSize(ElementType type, long[] shape) {
    long size = type.width();
    boolean empty = false;
    for (long axis : shape) {
      if (axis < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " has a negative axis");
      }
      empty |= axis == 0;
    }
    if (empty) {
      return 0;
    }
    try {
      for (long axis : shape) {
        size = Math.multiplyExact(size, axis);
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " of " + type + " takes more than 2^63 bytes", e);
    }
    return size;
  }
}
