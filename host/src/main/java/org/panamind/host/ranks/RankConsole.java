package org.panamind.host.ranks;

import org.panamind.stage.Console;
import org.panamind.stage.Progress;

/** The console of ranks other than the first, which says everything for all. */
public final class RankConsole implements Console {
  private static final Progress NONE =
      new Progress() {
        @Override
        public void update(long done, String detail) {}

        @Override
        public void close() {}
      };

  @Override
  public void info(String line) {}

  @Override
  public void warn(String line) {}

  @Override
  public Progress progress(String task, long total, String unit) {
    return NONE;
  }
}
