package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Reads text of unknown length: once into a guess, again where that was too small. */
final class NativeText {
  /** A native function that writes text to a buffer and says how much it has. */
  interface Source {
    int read(MemorySegment buffer, long capacity, MemorySegment needed);
  }

  private NativeText() {}

  static String read(Source source) {
    NativeLibrary.enter();
    try (var arena = Arena.ofConfined()) {
      var needed = arena.allocate(JAVA_LONG);
      var buffer = arena.allocate(4096);
      Status.check(source.read(buffer, buffer.byteSize(), needed));
      long length = needed.get(JAVA_LONG, 0);
      if (length >= buffer.byteSize()) {
        buffer = arena.allocate(length + 1);
        Status.check(source.read(buffer, buffer.byteSize(), needed));
      }
      return buffer.getString(0);
    }
  }
}
