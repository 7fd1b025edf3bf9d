package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Native memory of one thread for the arguments and results of a call, so that a call allocates
 * nothing. The native side has read all arguments before an operator runs, so a call from within a
 * callback may use it again.
 */
final class Scratch {
  static final int VALUES = 64;
  private static final long VALUE_BYTES = 16;
  private static final long DATA_BYTES = 16 << 10;
  private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

  final MemorySegment arguments;
  final MemorySegment results;

  /** One 16-byte place for an out parameter. */
  final MemorySegment out;

  /** Metadata of a tensor; a place of its own, so that asking for a size disturbs no call. */
  final MemorySegment info;

  private final MemorySegment data;
  private long used;
  private Arena overflow;

  private Scratch() {
    NativeLibrary.enter();
    // Of the garbage collector's: a thread's scratch ends with the thread.
    var arena = Arena.ofAuto();
    arguments = arena.allocate(VALUES * VALUE_BYTES, 16);
    results = arena.allocate(VALUES * VALUE_BYTES, 16);
    out = arena.allocate(16, 16);
    info = arena.allocate(Metadata.BYTES, 16);
    data = arena.allocate(DATA_BYTES, 16);
  }

  static Scratch get() {
    return CURRENT.get();
  }

  /** Forgets what earlier calls put here. */
  void reset() {
    used = 0;
    overflow = null;
  }

  private MemorySegment take(long bytes) {
    long size = (bytes + 15) & ~15L;
    if (used + size <= DATA_BYTES) {
      var part = data.asSlice(used, bytes);
      used += size;
      return part;
    }
    // The garbage collector's too: a callback may reset while the call around it still holds this.
    if (overflow == null) overflow = Arena.ofAuto();
    return overflow.allocate(bytes, 16);
  }

  MemorySegment longs(long[] values) {
    var part = take(8L * values.length);
    MemorySegment.copy(values, 0, part, JAVA_LONG, 0, values.length);
    return part;
  }

  MemorySegment doubles(double[] values) {
    var part = take(8L * values.length);
    MemorySegment.copy(values, 0, part, ValueLayout.JAVA_DOUBLE, 0, values.length);
    return part;
  }

  MemorySegment handles(Tensor[] tensors) {
    var part = take(8L * tensors.length);
    for (int i = 0; i < tensors.length; i++) {
      part.setAtIndex(JAVA_LONG, i, tensors[i] == null ? 0 : tensors[i].handle());
    }
    return part;
  }

  /** UTF-8 with a final zero. */
  MemorySegment text(String value) {
    var bytes = value.getBytes(StandardCharsets.UTF_8);
    var part = take(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, part, JAVA_BYTE, 0, bytes.length);
    part.set(JAVA_BYTE, bytes.length, (byte) 0);
    return part;
  }

  MemorySegment bytes(long count) {
    return take(count);
  }

  void argument(int index, int tag, int count, long payload) {
    long at = index * VALUE_BYTES;
    arguments.set(JAVA_INT, at, tag);
    arguments.set(JAVA_INT, at + 4, count);
    arguments.set(JAVA_LONG, at + 8, payload);
  }

  int resultTag(int index) {
    return results.get(JAVA_INT, index * VALUE_BYTES);
  }

  long resultPayload(int index) {
    return results.get(JAVA_LONG, index * VALUE_BYTES + 8);
  }
}
