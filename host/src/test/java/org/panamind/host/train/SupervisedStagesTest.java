package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.dataset.sample.SampleFiles;
import org.panamind.host.HostCall;

/**
 * The supervised pipeline through the command line, each stage from what the one before it left,
 * with a very small model and a few updates.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SupervisedStagesTest {
  private static final Path PLUGINS = Path.of("../plugins/target/jars").toAbsolutePath();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  @BeforeAll
  static void pretrain() throws IOException {
    assertTrue(Files.isDirectory(PLUGINS), PLUGINS + " is missing: build with mvn verify");
    for (var sample : SampleChats.ALL) SampleFiles.write(folder, sample, 3, 24, 6);
    run(
        "pretrain",
        "--hidden_size",
        "16",
        "--num_hidden_layers",
        "1",
        "--num_attention_heads",
        "2",
        "--batch_size",
        "8");
  }

  private static HostCall run(String stage, String... flags) {
    var words = new ArrayList<>(List.of("--plugins", PLUGINS.toString(), "--stage", stage));
    words.addAll(
        List.of(
            "--save_dir",
            folder.resolve("out").toString(),
            "--checkpoint_dir",
            folder.resolve("checkpoints").toString(),
            "--device",
            "cpu",
            "--log_interval",
            "1"));
    words.addAll(Arrays.asList(flags));
    if (!words.contains("--max_steps")) words.addAll(List.of("--max_steps", "3"));
    HostCall call = HostCall.of(words.toArray(String[]::new));
    assertEquals(0, call.code(), call.err());
    return call;
  }

  private static String[] on(String sample, String... more) {
    var words =
        new ArrayList<>(
            List.of(
                "--data_path", folder.resolve(sample + ".jsonl").toString(),
                "--val_path", folder.resolve(sample + "-heldout.jsonl").toString(),
                "--batch_size", "4"));
    words.addAll(Arrays.asList(more));
    return words.toArray(String[]::new);
  }

  private static Path out(String name) {
    return folder.resolve("out").resolve(name);
  }

  private static List<JsonNode> rows(String name) throws IOException {
    var rows = new ArrayList<JsonNode>();
    for (String line : Files.readAllLines(out(name).resolve("metrics.jsonl")))
      rows.add(JSON.readTree(line));
    return rows;
  }

  /**
   * Of the tokens of a conversation the sample's answers are a twentieth to nine tenths, whatever
   * the loss is a mean over.
   */
  private static void assertAnswersAreAPart(String name) throws IOException {
    for (var row : rows(name)) {
      if (!row.has("supervised_share")) continue;
      double share = row.get("supervised_share").asDouble();
      assertTrue(share > 0.05 && share < 0.9, name + ": " + row);
    }
  }

  @Test
  @Order(1)
  void fineTunesWhatPretrainingLeft() throws IOException {
    var call = run("sft", on("sft", "--hidden_size", "16"));
    assertTrue(call.out().contains("the model answers: "), call.out());
    assertTrue(Files.exists(out("full_sft_16.safetensors")));
    assertAnswersAreAPart("full_sft_16");
    assertTrue(rows("full_sft_16").getLast().has("eval_loss"));
  }

  @Test
  @Order(2)
  void adaptsFineTunedWeights() {
    run("lora", on("lora_identity", "--lora_rank", "2"));
    assertTrue(Files.exists(out("lora/lora_identity_16.safetensors")));
  }

  @Test
  @Order(3)
  void prefersFromFineTunedWeights() throws IOException {
    run("dpo", on("dpo", "--learning_rate", "1e-3"));
    assertTrue(Files.exists(out("dpo_16.safetensors")));
    var row = rows("dpo_16").getFirst();
    for (String name :
        List.of("reward_margin", "reward_accuracy", "chosen_log_prob", "rejected_log_prob"))
      assertTrue(row.has(name), name + " in " + row);
    assertEquals(Math.log(2), row.get("loss").asDouble(), 1e-4);
    assertAnswersAreAPart("dpo_16");
    assertTrue(rows("dpo_16").getLast().has("eval_reward_accuracy"));
  }

  @Test
  @Order(4)
  void distillsIntoAStudentOfAnotherWidth() throws IOException {
    run(
        "distill",
        on(
            "sft",
            "--from_student_weight",
            "none",
            "--student_hidden_size",
            "32",
            "--student_num_layers",
            "1",
            "--teacher_hidden_size",
            "16"));
    assertTrue(Files.exists(out("full_dist_32.safetensors")));
    var row = rows("full_dist_32").getFirst();
    double wanted = 0.5 * row.get("ce_loss").asDouble() + 0.5 * row.get("distill_loss").asDouble();
    assertEquals(wanted, row.get("loss").asDouble(), 1e-4);
  }

  @Test
  @Order(5)
  void reasonsFromPreferredWeights() throws IOException {
    run("distill_reason", on("distill_reason"));
    assertTrue(Files.exists(out("reason_16.safetensors")));
    assertAnswersAreAPart("reason_16");
  }

  @Test
  @Order(6)
  void preferenceTrainingGoesOnBitForBitThoughTheReferenceIsAskedAnew() throws IOException {
    var flags =
        on(
            "dpo",
            "--max_steps",
            "12",
            "--epochs",
            "2",
            "--learning_rate",
            "1e-3",
            "--save_weight",
            "twice",
            "--save_interval",
            "8");
    run("dpo", flags);
    byte[] whole = Files.readAllBytes(out("twice_16.safetensors"));
    Path last = folder.resolve("checkpoints/twice_16/step-12");
    Files.move(last, folder.resolve("taken-away"));
    Files.delete(out("twice_16.safetensors"));
    Files.delete(out("reference/twice_16.pairs"));
    // Step 8 is in the second epoch, whose pairs the first process knew already.
    var again = new ArrayList<>(Arrays.asList(flags));
    again.addAll(List.of("--from_resume", "1"));
    var call = run("dpo", again.toArray(String[]::new));
    assertTrue(call.out().contains("step-8, step 8 of 12"), call.out());
    assertArrayEquals(whole, Files.readAllBytes(out("twice_16.safetensors")));
  }
}
