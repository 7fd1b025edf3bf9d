package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.panamind.host.HostCall;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.Weights;
import org.panamind.torch.TensorScope;

/**
 * A small stage on any number of ranks: 20 updates of 2 micro-batches of 30 rows over all ranks.
 * The last micro-batch of an epoch is a single row, so that all ranks but one have nothing to learn
 * from.
 */
final class RankRuns {
  static final int UPDATES = 20;
  private static final int PATIENCE_SECONDS = 60;
  private static final int GLOBAL_BATCH = 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SmallRuns runs;

  /** Of pretraining. */
  RankRuns(Path folder) throws IOException {
    this(SmallPretrain.in(folder));
  }

  RankRuns(SmallRuns runs) throws IOException {
    this.runs = runs;
    // Two updates an epoch, the second of one micro-batch of one row.
    List<String> lines = Files.readAllLines(runs.data());
    Files.write(runs.data(), lines.subList(0, 2 * GLOBAL_BATCH + 1));
  }

  SmallRuns files() {
    return runs;
  }

  /** The flags of a run that our launcher starts on so many ranks, before further ones. */
  private String[] flags(int ranks, String... more) {
    var flags = shares(ranks, more);
    if (ranks > 1) flags.addAll(List.of("--nproc", Integer.toString(ranks)));
    return flags.toArray(String[]::new);
  }

  private List<String> shares(int ranks, String... more) {
    var flags = new ArrayList<>(List.of(more));
    String[][] defaults = {
      {"--batch_size", Integer.toString(GLOBAL_BATCH / ranks)},
      {"--accumulation_steps", "2"},
      {"--epochs", "10"},
      {"--dropout", "0"},
      {"--learning_rate", "1e-3"},
      {"--save_interval", "10"},
      {"--eval_interval", "10"}
    };
    for (String[] flag : defaults) {
      // Distillation's student has none to turn off.
      if (flag[0].equals("--dropout") && !runs.flags().containsKey(flag[0])) continue;
      if (!flags.contains(flag[0])) flags.addAll(List.of(flag));
    }
    return flags;
  }

  /** Runs in this process, on one rank. */
  HostCall alone(String run, String... more) {
    return runs.run(run, flags(1, more));
  }

  /** Starts a launcher with its ranks. */
  Process start(String run, int ranks, String... more) throws IOException {
    return start(run, Map.of(), flags(ranks, more));
  }

  /** Starts one process with variables of its environment. */
  Process start(String run, Map<String, String> environment, String... flags) throws IOException {
    return runs.start(run, environment, flags);
  }

  /** Starts one of several ranks, or a launcher of some; who starts the others is the test's. */
  Process startRank(String run, int ranks, Map<String, String> environment, String... more)
      throws IOException {
    return start(run, environment, shares(ranks, more).toArray(String[]::new));
  }

  /** The same, as an argument of another program. */
  Process startUnder(List<String> program, String run, int ranks, String... more)
      throws IOException {
    return runs.startUnder(program, run, Map.of(), shares(ranks, more).toArray(String[]::new));
  }

  String log(String run) {
    try {
      return Files.readString(runs.log(run));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Waits for a process and checks its exit code, and that none of its children is left. */
  void ends(String run, Process process, int code) throws InterruptedException {
    var children = process.descendants().toList();
    boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (!ended) process.destroyForcibly();
    assertTrue(ended, () -> "did not end: " + log(run));
    assertEquals(code, process.exitValue(), () -> log(run));
    children.forEach(child -> assertTrue(!isRunning(child), () -> "left over: " + child.info()));
  }

  /** Not isAlive: that is also true of one that has ended and waits for its new parent to know. */
  static boolean isRunning(ProcessHandle process) {
    try {
      var stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException gone) {
      return false;
    }
  }

  /** Waits until the run has written so many rows. */
  void awaitRows(String run, int count) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    var file = runs.metrics(run);
    while (!Files.exists(file) || Files.readAllLines(file).size() < count) {
      assertTrue(System.nanoTime() < end, () -> log(run));
      Thread.sleep(5);
    }
  }

  /** Losses of the updates, in order. */
  double[] losses(String run) throws IOException {
    var losses = new ArrayList<Double>();
    for (String line : Files.readAllLines(runs.metrics(run))) {
      var row = JSON.readTree(line);
      if (row.has("loss")) losses.add(row.get("loss").asDouble());
    }
    return losses.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Largest difference between the weights that two runs wrote. */
  double weightDifference(String run, String other) {
    double largest = 0;
    try (var scope = TensorScope.open();
        var a = Weights.open(runs.weights(run));
        var b = Weights.open(runs.weights(other))) {
      assertEquals(a.tensors().keySet(), b.tensors().keySet());
      for (var name : a.tensors().keySet()) {
        var difference =
            TensorFiles.load(a.tensors().get(name)).sub(TensorFiles.load(b.tensors().get(name)));
        for (float each : difference.toFloatArray()) largest = Math.max(largest, Math.abs(each));
      }
    }
    return largest;
  }

  /** Checks that two runs are the same but for the order in which sums were taken. */
  void assertClose(String expected, String run) throws IOException {
    double[] one = losses(expected);
    double[] other = losses(run);
    assertEquals(UPDATES, one.length);
    assertEquals(UPDATES, other.length, () -> log(run));
    for (int i = 0; i < UPDATES; i++) assertEquals(one[i], other[i], 1e-5, "loss " + (i + 1));
    assertEquals(0, weightDifference(expected, run), 1e-5);
  }

  /** Checks that two runs are the same, bit for bit. */
  void assertSame(String expected, String run) throws IOException {
    assertEquals(runs.rows(expected), runs.rows(run), () -> log(run));
    assertTrue(
        Arrays.equals(
            Files.readAllBytes(runs.weights(expected)), Files.readAllBytes(runs.weights(run))),
        "weights differ");
  }

  /** Makes it as if a run had stopped after its checkpoint at step 10. */
  void stopAtHalf(String run) throws IOException {
    try (Stream<Path> files = Files.list(runs.checkpoints(run).resolve("step-20"))) {
      for (var file : files.toList()) Files.delete(file);
    }
    Files.delete(runs.checkpoints(run).resolve("step-20"));
    assertEquals(List.of("step-10"), runs.checkpointNames(run));
  }
}
