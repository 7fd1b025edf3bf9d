package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs that are killed (SIGKILL) at random moments, every fourth in the midst of a save, and go on:
 * each ends as the one that was not killed, bit for bit. Every update saves. What every build does
 * is a sample; {@code host/kill-resume.sh} does all of it.
 */
class KillTest {
  private static final String CASES =
      System.getProperty(
          "kill.cases",
          "pretrain:2:5,sft:2:1,lora:1:1,dpo:2:1,distill:1:1,distill_reason:1:1,grpo:2:1");
  private static final long SEED = Long.getLong("kill.seed", System.nanoTime());
  private static final int PATIENCE_SECONDS = 120;

  @TempDir Path folder;
  private final Random random = new Random(SEED);
  private SmallRuns runs;
  private String[] ranks;

  /** {@code pretrain:2:5,...}: a stage, a number of ranks, and how many runs of it are killed. */
  static List<Arguments> cases() {
    var cases = new ArrayList<Arguments>();
    for (String each : CASES.split(",")) {
      String[] parts = each.split(":");
      cases.add(Arguments.of(parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyKilledRunEndsAsTheOneThatWasNot(String stage, int count, int rounds) throws Exception {
    runs = SmallStages.in(folder, stage);
    ranks = count == 1 ? new String[0] : new String[] {"--nproc", count + "", "--batch_size", "1"};
    String again =
        "repeat with mvn -pl host test -Dtest=KillTest -Dkill.cases=%s:%d:%d -Dkill.seed=%d"
            .formatted(stage, count, rounds, SEED);
    System.out.println("kills at random: " + again);
    long lasted = wholeRun();
    var rows = runs.rows("whole");
    byte[] weights = Files.readAllBytes(runs.weights("whole"));
    List<String> checkpoints = runs.checkpointNames("whole");
    long steps = rows.stream().filter(row -> row.contains(" loss=")).count();
    for (int round = 1; round <= rounds; round++) {
      String run = "round-" + round;
      String how = round % 4 == 0 ? killInASave(run, steps) : killAtRandom(run, lasted);
      goOn(run);
      assertEquals(rows, runs.rows(run), () -> how + "; " + again + "\n" + log(run));
      assertArrayEquals(weights, Files.readAllBytes(runs.weights(run)), how + "; " + again);
      assertEquals(checkpoints, runs.checkpointNames(run), again);
      System.out.printf("%s on %d: round %d of %d, %s%n", stage, count, round, rounds, how);
    }
  }

  /** Returns milliseconds from the first update to the end. */
  private long wholeRun() throws Exception {
    Process process = runs.start("whole", ranks);
    awaitRow("whole", process);
    long start = System.nanoTime();
    ends("whole", process, 0);
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private String killAtRandom(String run, long lasted) throws Exception {
    for (int attempt = 1; ; attempt++) {
      Process process = runs.start(run, ranks);
      awaitRow(run, process);
      long moment = random.nextLong(Math.max(1, lasted));
      if (process.waitFor(moment, TimeUnit.MILLISECONDS)) {
        // It was faster than the one that was measured: nobody was killed.
        assertTrue(attempt < 10, () -> log(run));
        runs.forget(run); // or the next attempt, killed before its first save, would go on from it
        continue;
      }
      return "killed " + kill(process) + " after " + moment + " ms";
    }
  }

  /** The launcher, one of its ranks, or all at once; and waits until all are gone. */
  private String kill(Process process) throws InterruptedException {
    var all = new ArrayList<>(List.of(process.toHandle()));
    all.addAll(process.descendants().toList());
    int victim = random.nextInt(all.size() + 1);
    for (int i = 0; i < all.size(); i++) {
      if (victim == all.size() || victim == i) all.get(i).destroyForcibly();
    }
    for (var each : all) each.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    if (all.size() == 1) return "the process";
    if (victim == all.size()) return "launcher and ranks";
    return victim == 0 ? "the launcher" : "a rank";
  }

  private String killInASave(String run, long steps) throws Exception {
    long step = 1 + random.nextLong(steps);
    var flags = new ArrayList<>(List.of(ranks));
    flags.addAll(List.of("--fault", "kill_save@step=" + step));
    Process process = runs.start(run, flags.toArray(String[]::new));
    ends(run, process, ranks.length == 0 ? 137 : 75);
    return "killed in the save of step " + step;
  }

  private void goOn(String run) throws Exception {
    boolean saved =
        Files.isDirectory(runs.checkpoints(run))
            && runs.checkpointNames(run).stream().anyMatch(name -> name.matches("step-\\d+"));
    var flags = new ArrayList<>(List.of(ranks));
    flags.addAll(List.of("--from_resume", saved ? "1" : "0"));
    ends(run, runs.start(run, flags.toArray(String[]::new)), 0);
  }

  private void awaitRow(String run, Process process) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (process.isAlive() && !Files.exists(runs.metrics(run))) {
      assertTrue(System.nanoTime() < end, () -> log(run));
      Thread.sleep(2);
    }
  }

  private void ends(String run, Process process, int code) throws InterruptedException {
    boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (!ended) process.destroyForcibly();
    assertTrue(ended, () -> "did not end: " + log(run));
    assertEquals(code, process.exitValue(), () -> log(run));
  }

  private String log(String run) {
    try {
      return Files.readString(runs.log(run));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
