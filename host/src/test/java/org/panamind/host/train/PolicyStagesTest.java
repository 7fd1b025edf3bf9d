package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.host.HostCall;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.Weights;
import org.panamind.torch.TensorScope;

/** The stages of reinforcement learning through the command line, by the loop that trains all. */
class PolicyStagesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static HostCall run(SmallRuns runs, String run, String... flags) {
    HostCall call = runs.run(run, flags);
    assertEquals(0, call.code(), call.err());
    return call;
  }

  /** Rows of the log without what depends on the machine. */
  private static List<ObjectNode> rows(SmallRuns runs, String run) throws IOException {
    var rows = new ArrayList<ObjectNode>();
    for (String line : Files.readAllLines(runs.metrics(run))) {
      var row = (ObjectNode) JSON.readTree(line);
      row.properties().stream()
          .map(Map.Entry::getKey)
          .filter(key -> key.matches(".*(second|time|memory|mfu|bytes|tensors|peak).*"))
          .toList()
          .forEach(row::remove);
      rows.add(row);
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({
    "grpo, --num_iterations 2 --dynamic_sampling 2",
    "spo, --num_iterations 2",
    "ppo, --ppo_epochs 2 --mini_batch_size 1 --num_generations 2",
    "spo, --compat minimind2",
    "ppo, --compat minimind2 --update_old_actor_freq 3"
  })
  void goesOnInTheMidstAsIfItHadNotStopped(String stage, String own) throws IOException {
    var runs = SmallStages.in(folder, stage);
    var flags = new ArrayList<>(Arrays.asList(own.split(" ")));
    flags.addAll(List.of("--accumulation_steps", "1", "--max_steps", "14", "--save_interval", "8"));
    run(runs, "whole", flags.toArray(String[]::new));
    var whole = rows(runs, "whole");
    byte[] weights = Files.readAllBytes(runs.weights("whole"));
    assertTrue(whole.stream().filter(row -> row.has("reward")).count() >= 14, whole.toString());
    // The run is at rest between batches only, so the place of the checkpoint may be before 8.
    ResumeTest.delete(runs.checkpoints("whole").resolve("step-14"));
    Files.delete(runs.weights("whole"));
    flags.addAll(List.of("--from_resume", "1"));
    var call = run(runs, "whole", flags.toArray(String[]::new));
    assertTrue(call.out().contains("goes on from "), call.out());
    var again = rows(runs, "whole");
    assertEquals(whole.size(), again.size());
    for (int i = 0; i < whole.size(); i++) assertEquals(whole.get(i), again.get(i));
    assertArrayEquals(weights, Files.readAllBytes(runs.weights("whole")));
  }

  @ParameterizedTest
  @CsvSource({
    "grpo, --num_iterations 2",
    "grpo, --dynamic_sampling 2",
    "spo, --beta 0.1",
    "ppo, --score_cut 1",
    "ppo, --kl_form k3"
  })
  void aRewardThatNeverDiffersLeavesTheWeights(String stage, String own) throws IOException {
    var runs = SmallStages.in(folder, stage);
    var flags = new ArrayList<>(Arrays.asList(own.split(" ")));
    // No answer is that short: all are worth nothing.
    flags.addAll(List.of("--reward", "rules:length:100000-100001", "--accumulation_steps", "1"));
    flags.addAll(List.of("--max_steps", "6", "--dropout", "0", "--learning_rate", "1e-2"));
    run(runs, "flat", flags.toArray(String[]::new));
    assertSameWeights(Path.of(runs.flags().get("--from_weight")), runs.weights("flat"));
    for (JsonNode row : rows(runs, "flat")) {
      assertFalse(row.toString().matches(".*(NaN|Infinity|null).*"), row.toString());
      boolean kept = stage.equals("grpo") && own.contains("num_iterations");
      if (kept && row.has("loss")) assertEquals(1, row.get("degenerate_groups").asDouble(), 1e-6);
    }
  }

  private static void assertSameWeights(Path before, Path after) {
    try (var scope = TensorScope.open();
        var a = Weights.open(before);
        var b = Weights.open(after)) {
      assertEquals(a.tensors().keySet(), b.tensors().keySet());
      for (var name : a.tensors().keySet()) {
        float[] one = TensorFiles.load(a.tensors().get(name)).toFloatArray();
        float[] other = TensorFiles.load(b.tensors().get(name)).toFloatArray();
        assertArrayEquals(one, other, name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpo", "spo", "ppo"})
  void learnsFromReasonedWeights(String stage) throws IOException {
    var reason = SmallStages.in(folder, "distill_reason");
    run(reason, "reasoned", "--max_steps", "2");
    assertTrue(Files.exists(reason.weights("reasoned")));
    var runs = SmallStages.in(folder, stage);
    var call =
        run(
            runs,
            "policy",
            "--save_dir",
            reason.out("reasoned").toString(),
            "--from_weight",
            "reason",
            "--hidden_size",
            "16",
            "--reasoning",
            "1",
            "--reward",
            "rules:format,tags,repetition:2",
            "--accumulation_steps",
            "1",
            "--max_steps",
            "2");
    assertTrue(call.out().contains("the model answers: "), call.out());
    assertTrue(Files.exists(reason.out("reasoned").resolve(runs.output() + ".safetensors")));
  }

  @ParameterizedTest
  @CsvSource({"minimind2, 1", "minimind3, 0", "minimind3, 1"})
  void learnsWithTheArchitecturesOfBothGenerations(String arch, String moe) throws IOException {
    var first = SmallPretrain.in(folder);
    String suffix = moe.equals("1") ? "_moe" : "";
    for (String stage : List.of("grpo", "spo", "ppo")) {
      var runs = SmallStages.in(folder, stage);
      // With the tokenizer of this stage's data.
      String text = folder.resolve("val.jsonl").toString();
      String[] sizes = {"--arch", arch, "--use_moe", moe, "--max_steps", "1", "--data_path", text};
      run(first, stage + "-first", sizes);
      var weights = first.out(stage + "-first").resolve("pretrain_16" + suffix + ".safetensors");
      var flags = new ArrayList<>(List.of("--from_weight", weights.toString()));
      flags.addAll(List.of("--use_moe", moe, "--arch", arch, "--max_steps", "2"));
      run(runs, stage + "-policy", flags.toArray(String[]::new));
      var written = runs.out(stage + "-policy").resolve(runs.output() + suffix + ".safetensors");
      assertTrue(Files.exists(written), written.toString());
    }
  }

  @Test
  void refusesWhatItCannotDoBeforeItTrains() throws IOException {
    var runs = SmallStages.in(folder, "grpo");
    var call = runs.run("refused", "--compat", "minimind3");
    assertEquals(64, call.code());
    assertTrue(call.err().contains("--compat is minimind3, must be none or minimind2"), call.err());
    call = runs.run("refused", "--num_generations", "1");
    assertEquals(64, call.code());
    call = runs.run("refused", "--reward", "none");
    assertEquals(64, call.code());
    assertTrue(call.err().contains("--reward is none"), call.err());
  }
}
