package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The virtual machine's handlers of signals that it raises in its own work, as a null pointer in
 * compiled code is one. A library that LibTorch needs may put its own in their place when it is
 * loaded, as UCX does, which Debian 13's LibTorch needs by way of Gloo and MPI: the next null
 * pointer would end the process. On Linux only; elsewhere nothing is done.
 */
final class SignalHandlers implements AutoCloseable {
  /** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV. */
  private static final int[] SIGNALS = {4, 5, 7, 8, 11};

  /** More than struct sigaction has on any architecture. */
  private static final long ROOM = 512;

  private final Arena arena = Arena.ofConfined();
  private final MethodHandle sigaction;
  private final Map<Integer, MemorySegment> handlers = new LinkedHashMap<>();

  private SignalHandlers(MethodHandle sigaction) {
    this.sigaction = sigaction;
  }

  /** Those of now, which come back when the result is closed. */
  static SignalHandlers keep() {
    var linker = Linker.nativeLinker();
    var found = linker.defaultLookup().find("sigaction");
    boolean linux = System.getProperty("os.name").equals("Linux");
    if (!linux || found.isEmpty()) return new SignalHandlers(null);
    var type = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    var kept = new SignalHandlers(linker.downcallHandle(found.get(), type));
    for (int signal : SIGNALS) {
      var room = kept.arena.allocate(ROOM, Long.BYTES);
      if (kept.call(signal, MemorySegment.NULL, room)) kept.handlers.put(signal, room);
    }
    return kept;
  }

  private boolean call(int signal, MemorySegment handler, MemorySegment before) {
    try {
      return (int) sigaction.invokeExact(signal, handler, before) == 0;
    } catch (Throwable e) {
      throw new AssertionError("a call of C throws nothing", e);
    }
  }

  @Override
  public void close() {
    handlers.forEach((signal, handler) -> call(signal, handler, MemorySegment.NULL));
    arena.close();
  }
}
