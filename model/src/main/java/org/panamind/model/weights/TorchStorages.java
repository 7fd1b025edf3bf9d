package org.panamind.model.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The storages of a {@code torch.save} archive ({@code data/0}, ...) and the tensors that view
 * them. A contiguous view is a slice of the mapping; any other is copied once. The same view asked
 * for twice is the same segment, so tied weights stay recognisable.
 */
final class TorchStorages {
  /**
   * The bytes of a storage.
   *
   * @param count its elements
   */
  record Storage(String key, ElementType type, long count, MemorySegment bytes) {}

  /** Says what is wrong with a storage or view; the unpickler adds file and byte. */
  static final class Refused extends Exception {
    Refused(String reason) {
      super(reason);
    }
  }

  private record View(String key, long offset, List<Long> shape, List<Long> strides) {}

  /**
   * Copies of strided views may take this many times the file's size, or a small file would blow
   * up.
   */
  private static final long COPY_FACTOR = 2;

  private static final int MAX_RANK = 64;

  private final ZipArchive zip;
  private final String prefix;
  private final Arena arena;
  private final Map<String, Storage> storages = new HashMap<>();
  private final Map<View, StoredTensor> views = new HashMap<>();
  private long copyBudget;

  /**
   * @param prefix the archive's folder with its slash
   * @param arena takes the copies of views that are not contiguous
   */
  TorchStorages(ZipArchive zip, String prefix, Arena arena, long fileSize) {
    this.zip = zip;
    this.prefix = prefix;
    this.arena = arena;
    this.copyBudget = COPY_FACTOR * fileSize;
  }

  /** The storage of a persistent id {@code ("storage", class, key, device, count)}. */
  Storage storage(ElementType type, String key, long count) throws Refused {
    Storage known = storages.get(key);
    if (known == null) {
      ZipArchive.Entry entry = zip.entries().get(prefix + "data/" + key);
      if (entry == null) {
        throw new Refused("storage " + WeightException.printable(key) + " is not in the archive");
      }
      known = new Storage(key, type, entry.size() / type.width(), zip.content(entry));
      storages.put(key, known);
    }
    if (known.type != type
        || count != known.count
        || known.bytes.byteSize() != count * type.width()) {
      String reason = "storage %s of %d %s elements has %d bytes in the archive";
      throw new Refused(
          reason.formatted(WeightException.printable(key), count, type, known.bytes.byteSize()));
    }
    return known;
  }

  /**
   * A view of a storage as a contiguous tensor without a name.
   *
   * @param offset first element
   * @param shape sizes by axis
   * @param strides distance of neighbours by axis, in elements
   */
  StoredTensor view(Storage storage, long offset, long[] shape, long[] strides) throws Refused {
    if (shape.length != strides.length || shape.length > MAX_RANK) {
      throw new Refused(
          "a tensor has " + shape.length + " sizes and " + strides.length + " strides");
    }
    if (offset < 0
        || LongStream.of(shape).anyMatch(n -> n < 0)
        || LongStream.of(strides).anyMatch(n -> n < 0)) {
      throw new Refused("a tensor has a negative offset, size or stride");
    }
    View view = new View(storage.key, offset, boxed(shape), boxed(strides));
    StoredTensor known = views.get(view);
    if (known == null) {
      known = new StoredTensor("", storage.type, shape, bytes(storage, offset, shape, strides));
      views.put(view, known);
    }
    return known;
  }

  private MemorySegment bytes(Storage storage, long offset, long[] shape, long[] strides)
      throws Refused {
    String what = "a tensor of shape " + Arrays.toString(shape);
    if (LongStream.of(shape).anyMatch(n -> n == 0)) {
      return storage.bytes.asSlice(0, 0);
    }
    long size;
    long last = offset;
    try {
      size = StoredTensor.byteSize(storage.type, shape);
      for (int i = 0; i < shape.length; i++) {
        last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
      }
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new Refused(what + " is too large");
    }
    if (last >= storage.count) {
      String reason = " reaches element %d of a storage that has %d";
      throw new Refused(what + reason.formatted(last, storage.count));
    }
    int width = storage.type.width();
    if (isContiguous(shape, strides)) {
      return storage.bytes.asSlice(offset * width, size);
    }
    if (size > storage.bytes.byteSize()) {
      throw new Refused(what + " is an expanded view, larger than its storage; save .contiguous()");
    }
    copyBudget -= size;
    if (copyBudget < 0) {
      throw new Refused("strided tensors would take many times the file's size in memory");
    }
    MemorySegment copy = arena.allocate(size, width);
    new Gather(storage.bytes, copy, width, shape, strides).axis(0, offset);
    return copy;
  }

  private static boolean isContiguous(long[] shape, long[] strides) {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= shape[i];
    }
    return true;
  }

  private static List<Long> boxed(long[] values) {
    return LongStream.of(values).boxed().toList();
  }

  /** Copies a strided view, axis by axis, into row-major order. */
  private static final class Gather {
    private final MemorySegment from;
    private final MemorySegment to;
    private final int width;
    private final long[] shape;
    private final long[] strides;
    private long written;

    Gather(MemorySegment from, MemorySegment to, int width, long[] shape, long[] strides) {
      this.from = from;
      this.to = to;
      this.width = width;
      this.shape = shape;
      this.strides = strides;
    }

    void axis(int axis, long offset) {
      boolean innermost = axis == shape.length - 1;
      if (innermost && strides[axis] == 1) {
        long run = shape[axis] * width;
        MemorySegment.copy(from, offset * width, to, written, run);
        written += run;
        return;
      }
      for (long i = 0; i < shape[axis]; i++) {
        long element = offset + i * strides[axis];
        if (innermost) {
          element(element * width);
        } else {
          axis(axis + 1, element);
        }
      }
    }

    /** Moves bits, so the byte order does not matter. */
    private void element(long at) {
      switch (width) {
        case 8 ->
            to.set(
                ValueLayout.JAVA_LONG_UNALIGNED,
                written,
                from.get(ValueLayout.JAVA_LONG_UNALIGNED, at));
        case 4 ->
            to.set(
                ValueLayout.JAVA_INT_UNALIGNED,
                written,
                from.get(ValueLayout.JAVA_INT_UNALIGNED, at));
        case 2 ->
            to.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                written,
                from.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
        default -> to.set(ValueLayout.JAVA_BYTE, written, from.get(ValueLayout.JAVA_BYTE, at));
      }
      written += width;
    }
  }
}
