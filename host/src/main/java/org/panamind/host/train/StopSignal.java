package org.panamind.host.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and Ctrl-C while a run is open: the loop ends after the current update, saves, and then
 * lets the process go, which exits with 143 (130 for Ctrl-C) as the signal demands. A second signal
 * changes nothing.
 */
final class StopSignal implements AutoCloseable {
  private static final long GRACE_SECONDS = 30;

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "stop-signal");
  private volatile boolean requested;

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void onShutdown() {
    requested = true;
    try {
      // The loop is given this long to save; then the newest earlier checkpoint has to do.
      if (!finished.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "the run did not come to its end within "
                + GRACE_SECONDS
                + " s; no checkpoint was saved");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process was asked to end. */
  boolean requested() {
    return requested;
  }

  /** Lets the process go. */
  @Override
  public void close() {
    finished.countDown();
    if (!requested) Runtime.getRuntime().removeShutdownHook(hook);
  }
}
