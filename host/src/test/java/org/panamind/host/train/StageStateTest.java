package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.host.launch.RankEnvironment;
import org.panamind.host.ranks.Faults;
import org.panamind.host.ranks.JoinedRanks;
import org.panamind.host.ranks.OneRank;
import org.panamind.host.ranks.RankConsole;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.DistributedException;

/** What a stage keeps besides its weights: the same on all ranks, or there is no checkpoint. */
class StageStateTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Map<String, String> STATE = Map.of("tracker", "[1,2,3]", "seen", "");

  @TempDir Path folder;

  @Test
  void isSavedOnceAndGivenBackToHoweverManyRanksGoOn() throws Exception {
    onRanks(2, ranks -> save(ranks, STATE));
    assertEquals(List.of(STATE), List.of(resume(new OneRank())));
    assertEquals(List.of(STATE, STATE, STATE), onRanks(3, this::resume));
  }

  @Test
  void thatDiffersBetweenRanksIsRefusedByAllAndNamed() {
    var refused =
        assertThrows(
            DistributedException.class,
            () ->
                onRanks(
                    2, ranks -> save(ranks, Map.of("tracker", "of rank " + ranks.share().rank()))));
    assertEquals(
        "entries of the stage's state differ from those of rank 0: tracker on rank 1",
        refused.getMessage());
    assertTrue(new CheckpointStore(folder.resolve("decoder"), 2).newest(why -> {}).isEmpty());
  }

  @Test
  void ofOtherNamesIsRefused() {
    var refused =
        assertThrows(
            DistributedException.class,
            () -> onRanks(2, ranks -> save(ranks, Map.of("of-" + ranks.share().rank(), "same"))));
    assertTrue(
        refused
            .getMessage()
            .startsWith("rank 1 has other entries of the stage's state than rank 0"),
        refused.getMessage());
  }

  private Void save(Ranks ranks, Map<String, String> state) {
    try (var run = decoder()) {
      run.restore(state);
      try (var loop = loop(run, ranks)) {
        saving(run, loop, ranks).save();
      }
    }
    return null;
  }

  private Map<String, String> resume(Ranks ranks) {
    try (var run = decoder();
        var loop = loop(run, ranks)) {
      assertTrue(saving(run, loop, ranks).resume().isPresent());
      return run.state();
    }
  }

  /** One at a time: the ranks of this test share the process's random generator. */
  private static synchronized DecoderRun decoder() {
    return new DecoderRun(0, DecoderRun.ragged(4, 2));
  }

  private static TrainingOptions options() {
    return LoopRuns.options(1, 1, null, Compat.NONE, true);
  }

  private static <B> TrainingLoop<B> loop(TrainingRun<B> run, Ranks ranks) {
    return new TrainingLoop<>(
        run,
        options(),
        Device.CPU,
        DType.FLOAT32,
        new LossScale(false),
        new Companions(ranks, false, Faults.NONE),
        new TrainingLoop.Listener() {});
  }

  private <B> Saving<B> saving(TrainingRun<B> run, TrainingLoop<B> loop, Ranks ranks) {
    var store = new CheckpointStore(folder.resolve("decoder"), 2);
    var companions = new Companions(ranks, false, Faults.NONE);
    var setup =
        new RunSetup(
            "test", options(), Map.of(), new RankConsole(), Device.CPU, DType.FLOAT32, companions);
    var outputs = new Outputs(folder.resolve("out"), "decoder", store.folder(), setup.console());
    return new Saving<>(setup, run, loop, outputs, store);
  }

  /** What a rank does. */
  private interface Work<T> {
    T on(Ranks ranks);
  }

  /** Ranks as threads of this process; what they return, in order. */
  private static <T> List<T> onRanks(int count, Work<T> work) throws Exception {
    int port = freePort();
    var tasks = new ArrayList<FutureTask<T>>();
    for (int rank = 0; rank < count; rank++) {
      var place =
          new RankEnvironment(rank, count, rank, count, "127.0.0.1", port, false, 0, "", "test");
      Callable<T> job =
          () -> {
            try (var ranks = JoinedRanks.join(place, Device.CPU, TIMEOUT)) {
              T result = work.on(ranks);
              // The first serves the others.
              ranks.meet();
              return result;
            }
          };
      var task = new FutureTask<>(job);
      tasks.add(task);
      Thread.ofPlatform().name("rank " + rank).start(task);
    }
    var results = new ArrayList<T>();
    Exception failure = null;
    for (var task : tasks) {
      try {
        results.add(task.get());
      } catch (ExecutionException e) {
        failure = (Exception) e.getCause();
      }
    }
    if (failure != null) throw failure;
    return results;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
