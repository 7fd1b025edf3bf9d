package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One scenario of {@link RankMain}, run by several ranks, a virtual machine each.
 *
 * @param runs what became of each rank, by number
 */
record RankJvms(List<ChildJvm> runs) {
  private static final int LIMIT_SECONDS = 60;

  static RankJvms run(int size, String scenario) throws IOException, InterruptedException {
    return run(size, scenario, null);
  }

  /**
   * The same, with a signal ("KILL", "STOP") that rank 1 gets in the midst of it, once it has
   * printed that it is ready.
   */
  static RankJvms run(int size, String scenario, String signal)
      throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("ranks");
    List<Process> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < size; rank++) {
        processes.add(start(folder, rank, size, scenario));
      }
      if (signal != null) signal(processes.get(1), log(folder, 1), signal);
      var ended = new ChildJvm[size];
      for (int rank : faultyLast(size)) {
        // A stopped one ends by no other way.
        if (rank == 1 && signal != null) processes.get(rank).destroyForcibly();
        if (!processes.get(rank).waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("rank " + rank + " of " + scenario + " did not end");
        }
        var output = Files.readString(log(folder, rank), StandardCharsets.UTF_8);
        ended[rank] = new ChildJvm(processes.get(rank).exitValue(), output);
      }
      return new RankJvms(List.of(ended));
    } finally {
      processes.forEach(Process::destroyForcibly);
      delete(folder);
    }
  }

  private static Path log(Path folder, int rank) {
    return folder.resolve("rank-" + rank + ".log");
  }

  /** All but rank 1, then rank 1. */
  private static int[] faultyLast(int size) {
    var order = IntStream.range(0, size).filter(rank -> rank != 1);
    return IntStream.concat(order, IntStream.of(1)).toArray();
  }

  private static void signal(Process process, Path log, String signal)
      throws IOException, InterruptedException {
    for (int tries = 0; tries < 3000 && process.isAlive(); tries++) {
      if (Files.readString(log, StandardCharsets.UTF_8).contains(RankMain.READY)) break;
      Thread.sleep(10);
    }
    Thread.sleep(100);
    new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
  }

  private static Process start(Path folder, int rank, int size, String scenario)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx256m"));
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    var library = System.getProperty(NativeLibrary.PROPERTY);
    if (library != null) command.add("-D" + NativeLibrary.PROPERTY + "=" + library);
    command.addAll(List.of("-Drank=" + rank, "-Dsize=" + size, "-Dfolder=" + folder));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(RankMain.class.getName(), scenario));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Threads of several ranks that wait for each other by spinning are slow on few cores.
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.redirectOutput(log(folder, rank).toFile()).start();
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) Files.delete(file);
    }
    Files.delete(folder);
  }

  RankJvms allSucceeded() {
    for (int rank = 0; rank < runs.size(); rank++) {
      assertEquals(0, runs.get(rank).exitCode(), "rank " + rank + ":\n" + runs.get(rank).output());
    }
    return this;
  }

  /** What one rank has printed as {@code name=value}. */
  String value(int rank, String name) {
    return Pattern.compile("^" + name + "=(.*)$", Pattern.MULTILINE)
        .matcher(runs.get(rank).output())
        .results()
        .map(MatchResult::group)
        .findFirst()
        .map(line -> line.substring(name.length() + 1))
        .orElseThrow(() -> new AssertionError("no " + name + " in:\n" + runs.get(rank).output()));
  }

  double number(int rank, String name) {
    return Double.parseDouble(value(rank, name));
  }
}
