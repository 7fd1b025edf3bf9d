package org.panamind.model.weights;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Identity of a tensor's bytes: tensors with equal keys are tied. Heap segments differ by array.
 */
record StorageKey(MemorySegment bytes, ElementType type) {
  static StorageKey of(StoredTensor tensor) {
    return new StorageKey(tensor.bytes(), tensor.type());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StorageKey(MemorySegment b, ElementType t)
        && t == type
        && b.address() == bytes.address()
        && b.byteSize() == bytes.byteSize()
        && b.heapBase().orElse(null) == bytes.heapBase().orElse(null);
  }

  @Override
  public int hashCode() {
    int array = System.identityHashCode(bytes.heapBase().orElse(null));
    return Objects.hash(bytes.address(), bytes.byteSize(), type, array);
  }
}
