package org.panamind.host.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.panamind.host.ExitCode;

/**
 * SIGTERM and Ctrl-C while a run is open: the loop ends after the current update, saves, and then
 * lets the process go, which exits with 143 (130 for Ctrl-C) as the signal demands. A second signal
 * changes nothing. A run that fails or hangs on its way out ends with a code of its own, since 143
 * promises a checkpoint.
 */
final class StopSignal implements AutoCloseable {
  private static final long GRACE_SECONDS = 30;

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "stop-signal");
  private volatile boolean requested;
  private volatile boolean begun;
  private volatile int failure;

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** From here on there is something to save; before, a signal ends the process at once. */
  void begin() {
    begun = true;
  }

  /** Whether the process was asked to end. */
  boolean requested() {
    return requested;
  }

  /** Makes the process end with this code after all, once {@link #close} lets it go. */
  void failed(int exitCode) {
    failure = exitCode;
  }

  private void onShutdown() {
    requested = true;
    if (!begun) return;
    try {
      if (!finished.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "error: the run did not come to its end within "
                + GRACE_SECONDS
                + " s; the newest checkpoint is an earlier one");
        failure = ExitCode.RANK.number();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != 0) Runtime.getRuntime().halt(failure);
  }

  /** Lets the process go. */
  @Override
  public void close() {
    finished.countDown();
    if (!requested && removed()) return;
    try {
      // What was to be said was said; the process ends while this waits.
      hook.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False when the process is about to end. */
  private boolean removed() {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      return false;
    }
  }
}
