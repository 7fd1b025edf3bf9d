package org.panamind.torch;

import java.lang.ref.Cleaner;

/**
 * Finds tensors that nobody freed. Off by default; with {@code -Dpanamind.leaks=report} each tensor
 * remembers where it was made, and one that becomes unreachable without having been closed is
 * reported on standard error. It only reports: the garbage collector never frees a tensor.
 */
final class LeakReport {
  private static final boolean ON = "report".equals(System.getProperty("panamind.leaks"));
  private static final Cleaner CLEANER = ON ? Cleaner.create() : null;

  private LeakReport() {}

  /** What outlives the tensor: where it was made and whether it has ended. */
  static final class Watch implements Runnable {
    private final Throwable made = new Throwable("made here");
    private volatile boolean ended;

    private Watch() {}

    @Override
    public void run() {
      if (ended) return;
      System.err.println("a tensor was neither closed nor owned by a scope, " + where());
    }

    private String where() {
      var text = new StringBuilder("made at:");
      for (var frame : made.getStackTrace()) {
        if (frame.getClassName().equals(LeakReport.class.getName())) continue;
        if (frame.getClassName().equals(Watch.class.getName())) continue;
        text.append("\n    ").append(frame);
      }
      return text.toString();
    }
  }

  /** The tensor's watch, which it holds; null when reports are off. */
  static Watch made(Tensor tensor) {
    if (!ON) return null;
    var watch = new Watch();
    CLEANER.register(tensor, watch);
    return watch;
  }

  static void ended(Watch watch) {
    if (watch != null) watch.ended = true;
  }

  /** The end of a message on a closed tensor. */
  static String origin(Watch watch) {
    return watch == null
        ? "; -Dpanamind.leaks=report tells where it was made"
        : ", " + watch.where();
  }
}
