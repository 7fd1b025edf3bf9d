package org.panamind.host.console;

import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.panamind.stage.Console;
import org.panamind.stage.Progress;

/** A console over two streams; safe for use by several threads. */
public final class StreamConsole implements Console {
  /** Carriage return and "erase in line", so that a line does not stand behind half a bar. */
  private static final String CLEAR_LINE = "\r\u001b[2K";

  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private final AtomicInteger bars = new AtomicInteger();

  /** Results go to {@code out}, warnings and progress to {@code err}. */
  public StreamConsole(PrintStream out, PrintStream err, Terminal terminal) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  @Override
  public void info(String line) {
    print(out, line);
  }

  @Override
  public void warn(String line) {
    print(err, "warning: " + line);
  }

  @Override
  public Progress progress(String task, long total, String unit) {
    if (!terminal.interactive()) {
      return new LineProgress(err, task, total, unit);
    }
    bars.incrementAndGet();
    return new BarProgress(err, terminal.columns(), task, total, unit, bars::decrementAndGet);
  }

  private synchronized void print(PrintStream stream, String line) {
    if (bars.get() > 0) {
      err.print(CLEAR_LINE);
      err.flush();
    }
    stream.println(line);
    stream.flush();
  }
}
