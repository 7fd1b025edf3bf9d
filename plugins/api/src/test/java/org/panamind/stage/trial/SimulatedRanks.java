package org.panamind.stage.trial;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.panamind.dataset.order.RankShare;
import org.panamind.stage.train.RankSums;

/** Ranks as threads of this process, which sum figures as processes do. */
public final class SimulatedRanks {
  private static final int PATIENCE_SECONDS = 60;

  private final CyclicBarrier meeting;
  private final double[][] said;

  private SimulatedRanks(int world) {
    meeting = new CyclicBarrier(world);
    said = new double[world][];
  }

  /**
   * What one rank does.
   *
   * @param <T> what it finds
   */
  public interface Work<T> {
    /** Done on a thread of its own. */
    T on(RankShare share, RankSums ranks);
  }

  /** What each of so many ranks finds, in their order. A rank that sums alone fails them all. */
  public static <T> List<T> of(int world, Work<T> work) {
    var ranks = new SimulatedRanks(world);
    var tasks = new ArrayList<FutureTask<T>>();
    for (int rank = 0; rank < world; rank++) {
      var share = new RankShare(rank, world);
      var task = new FutureTask<>(() -> work.on(share, own -> ranks.sum(share.rank(), own)));
      tasks.add(task);
      Thread.ofPlatform().name("rank " + rank).start(task);
    }
    var found = new ArrayList<T>();
    for (var task : tasks) found.add(result(task));
    return found;
  }

  private static <T> T result(FutureTask<T> task) {
    try {
      return task.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e.getCause() == null ? e : e.getCause());
    }
  }

  private double[] sum(int rank, double... own) {
    said[rank] = own;
    meet();
    var sums = new double[own.length];
    for (double[] each : said) {
      if (each.length != own.length)
        throw new AssertionError("ranks sum %d and %d values".formatted(each.length, own.length));
      for (int i = 0; i < sums.length; i++) sums[i] += each[i];
    }
    meet();
    return sums;
  }

  private void meet() {
    try {
      meeting.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new AssertionError("a rank did not come to sum", e);
    }
  }
}
