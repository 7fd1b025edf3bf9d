package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Rank 1 dies or hangs; the others print what they get and after how long. */
final class RankFaults {
  private static final int FAULTY = 1;
  static final int EXIT_CODE = 3;

  private RankFaults() {}

  static void dieBeforeAllReduce(ProcessGroup group) {
    var tensor = Torch.ones(100);
    group.allReduce(tensor, Reduction.SUM);
    if (group.rank() == FAULTY) Runtime.getRuntime().halt(EXIT_CODE);
    expectFailure(() -> group.allReduce(tensor, Reduction.SUM));
  }

  static void dieBeforeBackward(ProcessGroup group, GradientReducer.Settings settings) {
    var weight = Torch.ones(100).requiresGrad(true);
    try (var reducer = GradientReducer.open(group, List.of(weight), settings)) {
      // Two steps, because the ranks agree on the buckets anew at the second.
      for (int step = 0; step < 2; step++) reducer.backward(weight.sum(), true);
      if (group.rank() == FAULTY) Runtime.getRuntime().halt(EXIT_CODE);
      expectFailure(() -> reducer.backward(weight.sum(), true));
    }
  }

  static void callWithAnotherSize(ProcessGroup group) {
    var tensor = Torch.ones(group.rank() == FAULTY ? 2000 : 1000);
    expectFailure(() -> group.allReduce(tensor, Reduction.SUM));
  }

  static void skipACollective(ProcessGroup group) {
    var tensor = Torch.ones(1000);
    expectFailure(
        () -> {
          if (group.rank() != FAULTY) group.allReduce(tensor, Reduction.SUM);
          group.broadcast(tensor, 0);
        });
  }

  /** Rank 1 gets a signal from outside while this goes on. */
  static void reduceUntilItFails(ProcessGroup group) {
    var tensor = Torch.ones(1_000_000);
    group.allReduce(tensor, Reduction.MAX);
    System.out.println(RankMain.READY);
    long[] start = {0};
    var failure =
        assertThrows(
            DistributedException.class,
            () -> {
              while (true) {
                start[0] = System.nanoTime();
                group.allReduce(tensor, Reduction.MAX);
              }
            });
    RankMain.print("milliseconds", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start[0]));
    RankMain.print("message", failure.getMessage());
  }

  /** The others' collective times out, while a watchdog of theirs sees it under way. */
  static void hang(Store store, ProcessGroup group) throws InterruptedException {
    var tensor = Torch.ones(100);
    group.barrier();
    if (group.rank() == FAULTY) {
      for (int rank = 0; rank < group.size(); rank++) {
        if (rank != FAULTY) store.await("seen-" + rank, Duration.ofSeconds(30));
      }
      return;
    }
    var watchdog = new Thread(() -> report(group));
    watchdog.start();
    expectFailure(() -> group.allReduce(tensor, Reduction.SUM));
    watchdog.join();
    store.set("seen-" + group.rank(), "");
    // The store's server must outlive the reader.
    if (group.rank() == 0) TimeUnit.MILLISECONDS.sleep(300);
  }

  private static void report(ProcessGroup group) {
    for (int tries = 0; tries < 400; tries++) {
      var inFlight = group.inFlight();
      if (inFlight.isPresent() && inFlight.get().age().toMillis() >= 500) {
        RankMain.print("inFlight", inFlight.get().description());
        return;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void expectFailure(Runnable collective) {
    long start = System.nanoTime();
    var failure = assertThrows(DistributedException.class, collective::run);
    RankMain.print("milliseconds", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    RankMain.print("message", failure.getMessage());
  }
}
