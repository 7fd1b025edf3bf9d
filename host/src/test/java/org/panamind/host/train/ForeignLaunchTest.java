package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.host.HostCall;

/**
 * Ranks that others have started: torchrun itself, what srun and mpirun set, a launcher of ours on
 * each of two machines (both of them this one).
 */
class ForeignLaunchTest {
  @TempDir static Path folder;
  private static RankRuns runs;

  @BeforeAll
  static void trainOnOneRank() throws Exception {
    runs = new RankRuns(folder);
    HostCall alone = runs.alone("one");
    assertEquals(0, alone.code(), alone.err());
  }

  @Test
  void torchrunStandsInForOurLauncher() throws Exception {
    runs.ends("standalone", torchrun("standalone", List.of("--standalone")), 0);
    runs.assertClose("one", "standalone");
  }

  @Test
  void torchrunRestartsRanksThatGoOnFromTheirLastCheckpoint() throws Exception {
    // A run of an earlier launch, which must not be taken for this one's.
    assertEquals(0, runs.alone("restart").code());
    String[] kill = {"--fault", "kill@step=4,rank=1;kill@step=4,rank=0"};
    runs.ends("restart", torchrun("restart", agentStore(1), kill), 0);
    String log = runs.log("restart");
    assertTrue(!log.contains("goes on from"), log);
    runs.assertClose("one", "restart");
    String[] later = {"--fault", "kill@step=14,rank=1"};
    runs.ends("later", torchrun("later", agentStore(1), later), 0);
    log = runs.log("later");
    assertTrue(log.contains("step-10, step 10 of 20"), log);
    runs.assertClose("one", "later");
  }

  @Test
  void torchrunTellsTheFirstCause() throws Exception {
    String[] missing = {"--data_path", "/no/such/file.jsonl"};
    runs.ends("cause", torchrun("cause", agentStore(0), missing), 1);
    String log = runs.log("cause");
    String report = log.substring(Math.max(0, log.indexOf("Root Cause")));
    assertTrue(report.contains("/no/such/file.jsonl"), log);
    assertTrue(report.contains("exitcode  : 74"), log);
  }

  private static List<String> agentStore(int restarts) throws IOException {
    return List.of(
        "--nnodes", "1",
        "--node_rank", "0",
        "--master_addr", "127.0.0.1",
        "--master_port", freePort(),
        "--max_restarts", Integer.toString(restarts));
  }

  /** Runs two ranks under torchrun, or leaves the test out where there is none. */
  private static Process torchrun(String run, List<String> options, String... flags)
      throws Exception {
    var words = new ArrayList<>(List.of("torchrun", "--no_python", "--nproc_per_node", "2"));
    // The default, 0, is none for torch 1.13 on Python 3.11, which then fails.
    words.addAll(List.of("--redirects", "1", "--tee", "1"));
    words.addAll(options);
    assumeTrue(hasTorchrun(), "there is no torchrun here (Debian: apt-get install python3-torch)");
    return runs.startUnder(words, run, 2, flags);
  }

  private static boolean hasTorchrun() throws InterruptedException {
    try {
      return new ProcessBuilder("torchrun", "--help")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    }
  }

  @Test
  void ranksFindTheirPlaceByWhatSrunSets() throws Exception {
    together(
        "srun",
        Map.of(
            "SLURM_NTASKS", "2",
            "SLURM_TASKS_PER_NODE", "2",
            "SLURM_JOB_NODELIST", "localhost",
            "SLURM_JOB_ID", Long.toString(ProcessHandle.current().pid())),
        "SLURM_PROCID",
        "SLURM_LOCALID");
  }

  @Test
  void ranksFindTheirPlaceByWhatMpirunSets() throws Exception {
    together(
        "mpirun",
        Map.of(
            "OMPI_COMM_WORLD_SIZE", "2",
            "OMPI_COMM_WORLD_LOCAL_SIZE", "2",
            "MASTER_PORT", freePort()),
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_LOCAL_RANK");
  }

  private static void together(
      String run, Map<String, String> common, String rankName, String localName) throws Exception {
    var processes = new ArrayList<Process>();
    for (String rank : List.of("0", "1")) {
      var environment = new HashMap<>(common);
      environment.put(rankName, rank);
      environment.put(localName, rank);
      processes.add(runs.startRank(run, 2, environment));
    }
    for (var process : processes) runs.ends(run, process, 0);
    runs.assertClose("one", run);
  }

  @Test
  void twoMachinesTrainAsOne() throws Exception {
    String port = freePort();
    var second = node("nodes", port, "1");
    var first = node("nodes", port, "0");
    runs.ends("nodes", first, 0);
    runs.ends("nodes", second, 0);
    runs.assertClose("one", "nodes");
  }

  @Test
  void theFailureOfOneMachineEndsTheOther() throws Exception {
    String port = freePort();
    var first = node("fails", port, "0", "--fault", "kill@step=4,rank=1");
    var second = node("fails", port, "1", "--fault", "kill@step=4,rank=1");
    runs.ends("fails", second, 75);
    runs.ends("fails", first, 75);
    String log = runs.log("fails");
    assertTrue(
        log.matches("(?s).*launcher: rank 1 \\(process \\d+\\) was ended by SIGKILL.*"), log);
    assertTrue(
        log.matches("(?s).*launcher: rank 0 \\(process \\d+\\) ended with exit code 75.*"), log);
  }

  @Test
  void twoMachinesStartTheirRanksAgainTogether() throws Exception {
    String port = freePort();
    String[] flags = {"--max_restarts", "1", "--fault", "kill@step=14,rank=1"};
    var first = node("again", port, "0", flags);
    var second = node("again", port, "1", flags);
    runs.ends("again", second, 0);
    runs.ends("again", first, 0);
    assertTrue(runs.log("again").contains("step-10, step 10 of 20"), runs.log("again"));
    runs.assertClose("one", "again");
  }

  /** One rank on each of two machines. */
  private static Process node(String run, String port, String number, String... more)
      throws IOException {
    var flags =
        new ArrayList<>(
            List.of(
                "--nnodes", "2",
                "--node_rank", number,
                "--master_addr", "127.0.0.1",
                "--master_port", port,
                "--nproc", "1"));
    flags.addAll(List.of(more));
    return runs.startRank(run, 2, Map.of(), flags.toArray(String[]::new));
  }

  private static String freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return Integer.toString(socket.getLocalPort());
    }
  }
}
