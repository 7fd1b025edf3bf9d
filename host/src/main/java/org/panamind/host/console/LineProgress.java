package org.panamind.host.console;

import java.io.PrintStream;
import java.time.Duration;
import org.panamind.stage.Progress;

/** Progress where nothing can be redrawn: a line at the first, at every twentieth and the last. */
final class LineProgress implements Progress {
  private static final int LINES = 20;
  private static final long LONGEST_SILENCE = Duration.ofSeconds(30).toNanos();

  private final PrintStream err;
  private final String task;
  private final long total;
  private final String unit;
  private final long start = System.nanoTime();
  private long printedAt = start;
  private long printed;
  private long done;
  private String detail = "";

  LineProgress(PrintStream err, String task, long total, String unit) {
    this.err = err;
    this.task = task;
    this.total = total;
    this.unit = unit;
  }

  @Override
  public void update(long done, String detail) {
    this.done = done;
    this.detail = detail;
    boolean due = total > 0 && done * LINES / total > printed * LINES / total;
    if (due || printed == 0 && done > 0 || System.nanoTime() - printedAt > LONGEST_SILENCE) {
      print();
    }
  }

  @Override
  public void close() {
    if (done > printed) {
      print();
    }
  }

  private void print() {
    printed = done;
    printedAt = System.nanoTime();
    StringBuilder line = new StringBuilder(task).append(' ').append(done);
    line.append(total > 0 ? "/" + total : "").append(' ').append(unit);
    line.append(detail.isEmpty() ? "" : ", " + detail);
    if (total > done && done > 0) {
      line.append(", ").append(clock((printedAt - start) / done * (total - done))).append(" left");
    }
    err.println(line);
  }

  private static String clock(long nanos) {
    Duration left = Duration.ofNanos(nanos);
    return left.toHours() > 0
        ? "%d:%02d:%02d".formatted(left.toHours(), left.toMinutesPart(), left.toSecondsPart())
        : "%d:%02d".formatted(left.toMinutes(), left.toSecondsPart());
  }
}
