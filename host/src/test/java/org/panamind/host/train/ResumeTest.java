package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.host.HostCall;

/** A run that was stopped, in whichever way, ends as the one that was not. */
class ResumeTest {
  private static final int KILLS = 5;
  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir static Path folder;
  private static SmallRuns pretrain;
  private static List<String> rows;
  private static byte[] weights;

  @BeforeAll
  static void runWithoutAStop() throws IOException {
    pretrain = SmallPretrain.in(folder);
    HostCall whole = pretrain.run("whole");
    assertEquals(0, whole.code(), whole.err());
    rows = pretrain.rows("whole");
    weights = Files.readAllBytes(pretrain.weights("whole"));
    // 20 updates, a measurement at 4, 8, 12 and 16, and one at the end.
    assertEquals(SmallPretrain.UPDATES + 5, rows.size());
    assertEquals(List.of("step-19", "step-20"), pretrain.checkpointNames("whole"));
  }

  @Test
  void goesOnBitForBitAfterSigterm() throws Exception {
    Process process = pretrain.start("term");
    awaitRows("term", 5, process);
    process.destroy();
    assertEquals(143, end(process), () -> log("term"));
    String log = log("term");
    assertTrue(log.contains("stopped by a signal at step "), log);
    assertTrue(log.contains("go on with --from_resume 1"), log);
    assertFalse(log.contains("error"), log);
    assertEquals(0, pretrain.run("term", "--from_resume", "1").code());
    assertSameEnd("term");
  }

  @Test
  void aSecondSignalChangesNothing() throws Exception {
    Process process = pretrain.start("twice");
    awaitRows("twice", 1, process);
    process.destroy();
    Thread.sleep(20);
    process.destroy();
    assertEquals(143, end(process), () -> log("twice"));
    assertEquals(0, pretrain.run("twice", "--from_resume", "1").code());
    assertSameEnd("twice");
  }

  @Test
  void saysSoWhenTheCheckpointOfAStopCannotBeWritten() throws Exception {
    String[] flags = {"--epochs", "2000", "--save_interval", "100000"};
    Process process = pretrain.start("blocked", flags);
    awaitRows("blocked", 3, process);
    Path folder = pretrain.checkpoints("blocked").getParent();
    Files.delete(folder);
    Files.createFile(folder);
    process.destroy();
    // Not 143, which promises a checkpoint.
    assertEquals(74, end(process), () -> log("blocked"));
    long errors = log("blocked").lines().filter(line -> line.startsWith("error: ")).count();
    assertEquals(1, errors, log("blocked"));
    assertTrue(log("blocked").contains("error: cannot write " + folder), log("blocked"));
  }

  @Test
  void stopsInTheFirstUpdatesWithACheckpoint() throws Exception {
    Process process = pretrain.start("early", "--save_interval", "100000");
    while (!Files.isDirectory(pretrain.out("early")) && process.isAlive()) Thread.sleep(1);
    process.destroy();
    assertEquals(143, end(process), () -> log("early"));
    // Before the loop there is nothing to save; from then on there is a checkpoint.
    boolean begun = log("early").contains("stopped by a signal");
    assertEquals(begun, Files.isDirectory(pretrain.checkpoints("early")), () -> log("early"));
    HostCall on = pretrain.run("early", "--from_resume", begun ? "1" : "0");
    assertEquals(0, on.code(), on.err());
    assertSameEnd("early");
  }

  @Test
  void goesOnBitForBitAfterKillsAtAnyMoment() throws Exception {
    long seed = Long.getLong("kill.seed", System.nanoTime());
    String again = "repeat with mvn -pl host test -Dtest=ResumeTest -Dkill.seed=" + seed;
    System.out.println("kills at random: " + again);
    var random = new Random(seed);
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start("killed");
      // Every update saves, so most of the time is spent in the midst of a save.
      awaitRows("killed", newestRow("killed") + 1, process);
      Thread.sleep(random.nextInt(120));
      process.destroyForcibly();
      end(process);
    }
    HostCall last = pretrain.run("killed", "--from_resume", "1");
    assertEquals(0, last.code(), () -> last.err() + again);
    assertSameEnd("killed");
    assertEquals(List.of("step-19", "step-20"), pretrain.checkpointNames("killed"), again);
  }

  private static Process start(String run) throws IOException {
    boolean saved =
        Files.isDirectory(pretrain.checkpoints(run))
            && pretrain.checkpointNames(run).stream().anyMatch(name -> name.matches("step-\\d+"));
    return pretrain.start(run, "--from_resume", saved ? "1" : "0");
  }

  @Test
  void writesTheWeightsThatAKillBetweenCheckpointAndWeightsLeftOut() throws IOException {
    assertEquals(0, pretrain.run("torn").code());
    Files.delete(pretrain.weights("torn"));
    HostCall again = pretrain.run("torn", "--from_resume", "1");
    assertEquals(0, again.code(), again.err());
    assertSameEnd("torn");
  }

  @Test
  void keepsTheLengthOfARunThatWasGivenFewerSteps() throws IOException {
    assertEquals(0, pretrain.run("short", "--max_steps", "6").code());
    HostCall longer = pretrain.run("short", "--from_resume", "1");
    assertEquals(64, longer.code());
    // Its schedule came to its end at step 6; going on would bend it.
    assertTrue(longer.err().contains("--max_steps was 6, now is none"), longer.err());
    assertEquals(0, pretrain.run("short", "--max_steps", "6", "--from_resume", "1").code());
    assertEquals(6 + 2, pretrain.rows("short").size());
  }

  @Test
  void dropsTheRowsOfStepsThatNoCheckpointHas() throws IOException {
    assertEquals(0, pretrain.run("rows", "--save_interval", "7").code());
    delete(pretrain.checkpoints("rows").resolve("step-20"));
    Path log = pretrain.metrics("rows");
    var lines = Files.readAllLines(log);
    Files.writeString(log, String.join("\n", lines.subList(0, 20)) + "\n{\"step\":18,\"lo\u00e4");
    HostCall on = pretrain.run("rows", "--save_interval", "7", "--from_resume", "1");
    assertTrue(on.out().contains("goes on from " + pretrain.checkpoints("rows")), on.out());
    assertTrue(on.out().contains("step-14, step 14 of 20"), on.out());
    assertSameEnd("rows");
  }

  static void delete(Path checkpoint) throws IOException {
    try (var files = Files.list(checkpoint)) {
      for (Path file : files.toList()) Files.delete(file);
    }
    Files.delete(checkpoint);
  }

  private static void assertSameEnd(String run) throws IOException {
    assertEquals(rows, pretrain.rows(run), () -> log(run));
    assertArrayEquals(weights, Files.readAllBytes(pretrain.weights(run)));
  }

  private static void awaitRows(String run, int count, Process process) throws Exception {
    long end = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (newestRow(run) < count && process.isAlive()) {
      assertTrue(System.currentTimeMillis() < end, () -> log(run));
      Thread.sleep(5);
    }
  }

  private static int newestRow(String run) throws IOException {
    Path log = pretrain.metrics(run);
    return Files.exists(log) ? (int) Files.readString(log).lines().count() : 0;
  }

  private static int end(Process process) throws InterruptedException {
    assertTrue(process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
    return process.exitValue();
  }

  private static String log(String run) {
    try {
      return Files.exists(pretrain.log(run)) ? Files.readString(pretrain.log(run)) : "";
    } catch (IOException e) {
      return e.toString();
    }
  }
}
