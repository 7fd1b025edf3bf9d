package org.panamind.model.weights;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * What a {@code .pth} may hold: plain containers, scalars and tensors. These are all the classes
 * that reading one can ever construct. Immutable, without cycles, of bounded size and depth.
 */
public sealed interface PickleValue {
  /** A Python {@code str}. */
  record Text(String value) implements PickleValue {}

  /** A Python {@code int} that fits 64 bits. */
  record Int(long value) implements PickleValue {}

  /** A Python {@code float}. */
  record Real(double value) implements PickleValue {}

  /** A Python {@code bool}. */
  record Bool(boolean value) implements PickleValue {}

  /** Python's {@code None}. */
  record None() implements PickleValue {}

  /** A Python {@code list} or {@code tuple}. */
  record Sequence(List<PickleValue> items) implements PickleValue {}

  /**
   * A Python {@code dict} or {@code OrderedDict} in its order.
   *
   * @param entries by key, a {@link Text} or an {@link Int}
   */
  record Dict(Map<PickleValue, PickleValue> entries) implements PickleValue {
    /** The value under a string key, or null when there is none. */
    public PickleValue get(String key) {
      return entries.get(new Text(key));
    }
  }

  /**
   * A tensor or parameter, contiguous and little-endian.
   *
   * @param tensor its {@code name} is empty; tied tensors share one segment
   */
  record Tensor(StoredTensor tensor) implements PickleValue {
    /** Element type. */
    public ElementType type() {
      return tensor.type();
    }

    /** Sizes by axis. */
    public long[] shape() {
      return tensor.shape();
    }

    /** The elements, owned by the {@link PthFile}. */
    public MemorySegment bytes() {
      return tensor.bytes();
    }
  }
}
