package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.torch.Store;

/** Ranks, their launcher and torchrun's agent fail: nothing hangs, nothing is left running. */
class RankFaultTest {
  private static final String LONG = "100000";

  @TempDir static Path folder;
  private static RankRuns runs;

  @BeforeAll
  static void writeData() throws Exception {
    runs = new RankRuns(folder);
  }

  @Test
  void aRankThatExitsEndsAllAndIsNamed() throws Exception {
    runs.ends("exit", runs.start("exit", 3, "--fault", "exit@step=4,rank=2"), 75);
    assertTrue(
        runs.log("exit")
            .matches(
                "(?s).*launcher: rank 2 \\(process \\d+\\) ended with exit code 3 in step 4\n.*"),
        runs.log("exit"));
  }

  @Test
  void aStoppedRankIsNamedAfterTheTimeOut() throws Exception {
    var process =
        runs.start("stop", 2, "--fault", "stop@step=4,rank=1", "--collective_timeout", "3");
    runs.awaitRows("stop", 3);
    long start = System.nanoTime();
    runs.ends("stop", process, 75);
    var lasted = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(lasted.toMillis() < 5000, "after " + lasted);
    String log = runs.log("stop");
    assertTrue(log.contains("was stopped (SIGSTOP) in step 4"), log);
    assertTrue(log.contains("rank 0 in step 4: all_reduce of gradient bucket "), log);
    assertTrue(log.contains("time-out 3.0 s"), log);
  }

  @Test
  void killedRanksAreGoneWithinSecondsOfTheFirst() throws Exception {
    var process = runs.start("kill", 3, "--epochs", LONG);
    runs.awaitRows("kill", 3);
    var ranks = process.descendants().toList();
    assertEquals(3, ranks.size());
    long start = System.nanoTime();
    ranks.get(1).destroyForcibly();
    runs.ends("kill", process, 75);
    for (var rank : ranks) assertTrue(!RankRuns.isRunning(rank), "rank left over");
    var lasted = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(lasted.toMillis() < 5000, "after " + lasted);
    String named =
        "launcher: rank \\d \\(process " + ranks.get(1).pid() + "\\) was ended by SIGKILL";
    assertTrue(runs.log("kill").matches("(?s).*" + named + ".*"), runs.log("kill"));
    String felt =
        "(?s).*error: rank \\d in step \\d+: all_reduce of .* of rank \\d of 3 over gloo.*";
    assertTrue(runs.log("kill").matches(felt), runs.log("kill"));
  }

  @Test
  void ranksFollowTheirLauncherWithinASecond() throws Exception {
    var process = runs.start("orphan", 2, "--epochs", LONG);
    runs.awaitRows("orphan", 3);
    var ranks = process.descendants().toList();
    process.destroyForcibly();
    long start = System.nanoTime();
    for (var rank : ranks) {
      while (RankRuns.isRunning(rank)) Thread.sleep(5);
    }
    var lasted = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(lasted.toMillis() < 1000, "after " + lasted);
  }

  @Test
  void aSignalToTheLauncherSavesOnAllRanks() throws Exception {
    var process = runs.start("term", 2, "--epochs", LONG, "--save_interval", LONG);
    runs.awaitRows("term", 3);
    process.destroy();
    process.destroy();
    runs.ends("term", process, 143);
    savedOnce("term");
  }

  @Test
  void aSignalToOneRankSavesOnAllRanks() throws Exception {
    var process = runs.start("one", 2, "--epochs", LONG, "--save_interval", LONG);
    runs.awaitRows("one", 3);
    process.descendants().reduce((first, last) -> last).orElseThrow().destroy();
    runs.ends("one", process, 143);
    savedOnce("one");
  }

  private static void savedOnce(String run) throws Exception {
    assertTrue(runs.log(run).contains("stopped by a signal at step "), runs.log(run));
    assertEquals(1, runs.files().checkpointNames(run).size());
  }

  @Test
  void aMistakeOfTheUsersKeepsItsExitCodeAndIsNotTriedAgain() throws Exception {
    var process =
        runs.start("usage", 2, "--max_restarts", "3", "--data_path", "/no/such/file.jsonl");
    runs.ends("usage", process, 74);
    String log = runs.log("usage");
    assertTrue(log.contains("[0] error: ") && log.contains("/no/such/file.jsonl"), log);
    assertTrue(!log.contains("again"), log);
  }

  @Test
  void ranksOfTorchrunsAgentMeetInItsStoreAndFileTheirErrors() throws Exception {
    var timeout = Duration.ofSeconds(30);
    var errors = List.of(folder.resolve("error-0.json"), folder.resolve("error-1.json"));
    try (var agent = Store.serve("127.0.0.1", 0, timeout)) {
      var first = runs.startRank("agent", 2, torchrun(agent.port(), 0, errors.get(0)));
      var second = runs.startRank("agent", 2, torchrun(agent.port(), 1, errors.get(1)));
      runs.awaitRows("agent", 2);
      second.destroyForcibly();
      runs.ends("agent", first, 75);
      runs.ends("agent", second, 137);
    }
    var message = new ObjectMapper().readTree(errors.get(0).toFile()).get("message");
    assertTrue(message.get("message").asText().startsWith("rank 0 in step "), message.toString());
    assertTrue(message.get("extraInfo").get("py_callstack").asText().contains("at org.panamind."));
    assertTrue(!Files.exists(errors.get(1)));
  }

  private static Map<String, String> torchrun(int port, int rank, Path errorFile) {
    return Map.of(
        "RANK", Integer.toString(rank),
        "WORLD_SIZE", "2",
        "LOCAL_RANK", Integer.toString(rank),
        "LOCAL_WORLD_SIZE", "2",
        "MASTER_ADDR", "127.0.0.1",
        "MASTER_PORT", Integer.toString(port),
        "TORCHELASTIC_USE_AGENT_STORE", "True",
        "TORCHELASTIC_RESTART_COUNT", "0",
        "TORCHELASTIC_ERROR_FILE", errorFile.toString());
  }

  @Test
  void aRankThatNobodyJoinsEndsAfterTheTimeOut() throws Exception {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    var process =
        runs.start(
            "lonely",
            Map.of(
                "RANK", "0",
                "WORLD_SIZE", "2",
                "MASTER_ADDR", "127.0.0.1",
                "MASTER_PORT", Integer.toString(port)),
            "--collective_timeout",
            "2");
    runs.ends("lonely", process, 75);
    assertTrue(
        runs.log("lonely").contains("rank 0 could not join the group of 2 over gloo"),
        runs.log("lonely"));
  }
}
