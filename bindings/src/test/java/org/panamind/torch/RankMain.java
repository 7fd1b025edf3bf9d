package org.panamind.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/** What a rank of {@link RankJvms} does: joins the group and runs the scenario that is named. */
final class RankMain {
  static final String READY = "ready";
  private static final Duration START = Duration.ofSeconds(30);

  private RankMain() {}

  public static void main(String[] arguments) throws Exception {
    int rank = Integer.getInteger("rank");
    int size = Integer.getInteger("size");
    var scenario = arguments[0];
    var timeout = scenario.startsWith("hang") ? Duration.ofSeconds(2) : START;
    try (var store = openStore(rank, Path.of(System.getProperty("folder")));
        var prefix = meeting(store, rank, size);
        var group = ProcessGroup.open(prefix, Backend.GLOO, rank, size, timeout)) {
      run(scenario, store, group);
      // The server ends with rank 0: not before all others are done with it.
      if (!scenario.startsWith("hang") && !scenario.startsWith("die")) group.barrier();
    }
  }

  /** Waits for all, since a short time-out of the group's holds for joining it too. */
  private static Store meeting(Store store, int rank, int size) {
    store.set("here-" + rank, "");
    for (int other = 0; other < size; other++) store.await("here-" + other, START);
    return store.withPrefix("group");
  }

  private static void run(String scenario, Store store, ProcessGroup group) throws Exception {
    switch (scenario) {
      case "collectives" -> RankCollectives.run(store, group);
      case "reducer" -> RankReducer.run(group);
      case "die" -> RankFaults.dieBeforeAllReduce(group);
      case "dieInBackward" -> RankFaults.dieBeforeBackward(group, GradientReducer.Settings.DEFAULT);
      case "dieInBackwardOfSome" ->
          RankFaults.dieBeforeBackward(group, GradientReducer.Settings.DEFAULT.withUnused());
      case "dieSignalled", "hangSignalled" -> RankFaults.reduceUntilItFails(group);
      case "dieOfAnotherSize" -> RankFaults.callWithAnotherSize(group);
      case "hangSkipped" -> RankFaults.skipACollective(group);
      case "hang" -> RankFaults.hang(store, group);
      default -> throw new IllegalArgumentException(scenario);
    }
  }

  /** Rank 0 serves on a free port, and writes down which. */
  private static Store openStore(int rank, Path folder) throws Exception {
    var file = folder.resolve("port");
    if (rank == 0) {
      var store = Store.serve("127.0.0.1", 0, START);
      var written = Files.writeString(folder.resolve("port.new"), "" + store.port());
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      return store;
    }
    return Store.connect("127.0.0.1", await(file), START);
  }

  private static int await(Path file) throws IOException, InterruptedException {
    for (int tries = 0; tries < 3000; tries++) {
      if (Files.exists(file)) return Integer.parseInt(Files.readString(file));
      Thread.sleep(10);
    }
    throw new IOException("rank 0 has not written " + file);
  }

  static void print(String name, Object value) {
    System.out.println(name + "=" + value);
  }
}
