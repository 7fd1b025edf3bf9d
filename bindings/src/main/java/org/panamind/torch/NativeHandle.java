package org.panamind.torch;

import java.lang.foreign.MemorySegment;
import java.util.function.ToIntFunction;

/** An object of the native library that is freed once, by hand. Safe for use by several threads. */
final class NativeHandle {
  private final String what;
  private final ToIntFunction<MemorySegment> free;
  private MemorySegment pointer;

  /**
   * Takes the object over.
   *
   * @param what its name in messages
   * @param free the native function that ends it
   */
  NativeHandle(String what, MemorySegment pointer, ToIntFunction<MemorySegment> free) {
    this.what = what;
    this.pointer = pointer;
    this.free = free;
  }

  synchronized MemorySegment get() {
    NativeLibrary.enter();
    if (pointer == null) throw new IllegalStateException("this " + what + " is closed");
    return pointer;
  }

  synchronized boolean isClosed() {
    return pointer == null;
  }

  /** A second call does nothing. */
  void close() {
    MemorySegment ended;
    synchronized (this) {
      if (pointer == null) return;
      ended = pointer;
      pointer = null;
    }
    // Outside the lock: ending a group may take as long as its time-out.
    Status.check(free.applyAsInt(ended));
  }
}
