package org.panamind.host.console;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.panamind.stage.Progress;

/** A bar that is redrawn in place, with the time left. */
final class BarProgress implements Progress {
  private static final int REDRAW_MILLIS = 250;

  private final ProgressBar bar;
  private final Runnable whenClosed;

  /** The width is given, so that the library opens no terminal of its own. */
  BarProgress(
      PrintStream err, int columns, String task, long total, String unit, Runnable whenClosed) {
    this.whenClosed = whenClosed;
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .setUnit(" " + unit, 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REDRAW_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(err, columns))
            .build();
  }

  @Override
  public void update(long done, String detail) {
    bar.stepTo(done);
    bar.setExtraMessage(detail.isEmpty() ? "" : " " + detail);
  }

  @Override
  public void close() {
    bar.close();
    whenClosed.run();
  }
}
