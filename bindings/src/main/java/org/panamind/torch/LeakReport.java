package org.panamind.torch;

import java.lang.ref.Cleaner;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Finds tensors that nobody freed. Off by default; with {@code -Dpanamind.leaks=report} each tensor
 * remembers where it was made, and one that becomes unreachable without having been closed is
 * reported on standard error. It only reports: the garbage collector never frees a tensor.
 */
final class LeakReport {
  private static final boolean ON = "report".equals(System.getProperty("panamind.leaks"));
  private static final Cleaner CLEANER = ON ? Cleaner.create() : null;
  private static final Map<Tensor, Watch> WATCHES = ON ? new WeakHashMap<>() : null;

  private LeakReport() {}

  /** What outlives the tensor: where it was made and whether it has ended. */
  private static final class Watch implements Runnable {
    private final Throwable made = new Throwable("made here");
    private volatile boolean ended;

    @Override
    public void run() {
      if (ended) return;
      System.err.println("a tensor was neither closed nor owned by a scope, " + where());
    }

    String where() {
      var text = new StringBuilder("made at:");
      for (var frame : made.getStackTrace()) {
        if (frame.getClassName().equals(LeakReport.class.getName())) continue;
        text.append("\n    ").append(frame);
      }
      return text.toString();
    }
  }

  static void made(Tensor tensor) {
    if (!ON) return;
    var watch = new Watch();
    synchronized (WATCHES) {
      WATCHES.put(tensor, watch);
    }
    CLEANER.register(tensor, watch);
  }

  static void ended(Tensor tensor) {
    if (!ON) return;
    synchronized (WATCHES) {
      var watch = WATCHES.get(tensor);
      if (watch != null) watch.ended = true;
    }
  }

  static String origin(Tensor tensor) {
    if (!ON) return "; -Dpanamind.leaks=report tells where it was made";
    synchronized (WATCHES) {
      var watch = WATCHES.get(tensor);
      return watch == null ? "" : ", " + watch.where();
    }
  }
}
