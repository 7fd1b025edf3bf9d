package org.panamind.host.ranks;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.panamind.host.ExitCode;
import org.panamind.host.launch.ErrorFile;
import org.panamind.torch.ProcessGroup;

/**
 * Ends the process when a collective has not ended well after its time-out. The backends' own
 * time-outs come first and make an exception; this one serves where they do not come at all, for
 * example when the device hangs.
 */
final class CollectiveWatchdog implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** What the backend gets to report the time-out itself. */
  private static final Duration ALLOWANCE = Duration.ofSeconds(1);

  private final ProcessGroup group;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile long step;

  CollectiveWatchdog(ProcessGroup group) {
    this.group = group;
    Thread.ofPlatform().daemon().name("collective-watchdog").start(this::watch);
  }

  void step(long now) {
    step = now;
  }

  private void watch() {
    try {
      while (!closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        group.inFlight().filter(this::isOverdue).ifPresent(this::end);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isOverdue(ProcessGroup.InFlight collective) {
    return collective.age().compareTo(group.timeout().plus(ALLOWANCE)) > 0;
  }

  private void end(ProcessGroup.InFlight collective) {
    var message =
        "step %d: %s has not ended after %d s; --collective_timeout is %d. Another rank hangs or does something else; --from_resume 1 goes on from the last checkpoint"
            .formatted(
                step,
                collective.description(),
                collective.age().toSeconds(),
                group.timeout().toSeconds());
    System.err.println("error: " + message);
    ErrorFile.write(System.getenv(), message, null);
    Runtime.getRuntime().halt(ExitCode.RANK.number());
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
