package org.panamind.host.launch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.panamind.host.ExitCode;

/** The ranks of one machine: they end well together, or the failure of one ends all. */
final class RankGroup {
  /** From SIGTERM to SIGKILL when another rank has failed. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  /** A rank that a signal has ended leaves the others time to save; they do so together. */
  private static final Duration SAVING = Duration.ofSeconds(35);

  /** The death of one is felt by the others within moments; the first to end need not be first. */
  private static final Duration AFTERMATH = Duration.ofMillis(300);

  private final List<RankProcess> ranks;
  private final BlockingQueue<RankProcess> ended = new LinkedBlockingQueue<>();
  private volatile boolean terminated;

  /**
   * How a group ended.
   *
   * @param code 0 when all ranks ended well
   * @param cause one line; empty when they ended well
   */
  record End(int code, String cause) {
    /** Whether starting again can help: not after a mistake of the user's, nor of the data. */
    boolean canTryAgain() {
      return code == ExitCode.RANK.number() || code == ExitCode.INTERNAL.number();
    }
  }

  RankGroup(List<RankProcess> ranks) {
    this.ranks = List.copyOf(ranks);
    this.ranks.forEach(rank -> rank.process().onExit().thenRun(() -> ended.add(rank)));
  }

  /** Waits for all to end; ends the rest when one fails. */
  End await() throws InterruptedException {
    List<RankProcess> failed = new ArrayList<>();
    for (int left = ranks.size(); left > 0; left--) {
      var rank = ended.take();
      if (rank.process().exitValue() == 0) continue;
      failed.add(rank);
      break;
    }
    if (failed.isEmpty()) return new End(0, "");
    collect(failed, AFTERMATH);
    var stopped = ranks.stream().filter(RankProcess::isStopped).toList();
    if (failed.get(0).process().exitValue() == ExitCode.TERMINATED.number()) {
      collect(failed, SAVING);
    }
    endAll(GRACE);
    return end(failed, stopped);
  }

  /** Adds those that fail within a time; returns early when all have ended. */
  private void collect(List<RankProcess> failed, Duration time) throws InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    while (ranks.stream().anyMatch(rank -> rank.process().isAlive()) || !ended.isEmpty()) {
      var rank = ended.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (rank == null) return;
      if (rank.process().exitValue() != 0) failed.add(rank);
    }
  }

  private static End end(List<RankProcess> failed, List<RankProcess> stopped) {
    // A rank that lost another one says 75: not the cause, where there is another.
    var cause =
        failed.stream()
            .filter(rank -> rank.process().exitValue() != ExitCode.RANK.number())
            .findFirst()
            .orElse(failed.get(0));
    int code = cause.process().exitValue();
    if (code == ExitCode.TERMINATED.number()) {
      return new End(code, "the ranks were told to end");
    }
    if (code == ExitCode.RANK.number() && !stopped.isEmpty()) {
      var rank = stopped.get(0);
      return new End(
          code,
          "rank %d (process %d) was stopped (SIGSTOP)%s, and others waited for it in vain"
              .formatted(rank.rank(), rank.process().pid(), rank.where()));
    }
    return new End(ours(code) ? code : ExitCode.RANK.number(), cause.ending());
  }

  private static boolean ours(int code) {
    for (var known : ExitCode.values()) {
      if (known.number() == code && known != ExitCode.OK) return true;
    }
    return false;
  }

  /** Tells all to end, saving what they can; for the launcher's own end. */
  int terminate() {
    terminated = true;
    endAll(SAVING);
    for (var rank : ranks) {
      int code = rank.process().exitValue();
      if (code != 0 && code != ExitCode.TERMINATED.number() && code != 130) return code;
    }
    return 0;
  }

  /** Whether the launcher itself was told to end. */
  boolean isTerminated() {
    return terminated;
  }

  private void endAll(Duration grace) {
    for (var rank : ranks) {
      // A stopped process would not see a SIGTERM before somebody lets it go on.
      if (rank.isStopped()) rank.process().destroyForcibly();
      // By its handle: Process.destroy would close its streams, and the rank would think us dead.
      else rank.process().toHandle().destroy();
    }
    long deadline = System.nanoTime() + grace.toNanos();
    for (var rank : ranks) {
      if (endsBefore(rank.process(), deadline)) continue;
      rank.process().destroyForcibly();
    }
    for (var rank : ranks) rank.process().onExit().join();
  }

  private static boolean endsBefore(Process process, long deadline) {
    try {
      return process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
