package org.panamind.stage.grpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.ConfigException;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.trial.StageFolder;
import org.panamind.stage.trial.TrialReward;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;

class GrpoStageTest {
  private final GrpoStage stage = new GrpoStage();
  @TempDir Path temporary;
  private StageFolder folder;
  private String data;

  @BeforeEach
  void leaveWhatFineTuningLeaves() {
    folder = new StageFolder(temporary);
    folder.sharpWeights("full_sft", StageFolder.sizes(32));
    folder.install(new TrialReward("length", reply -> reply.text().length()));
    folder.install(new TrialReward("constant", reply -> 0.3));
    data =
        folder
            .data(StageFolder.asked("one and more", "none"), StageFolder.asked("two", "none"))
            .toString();
  }

  private GrpoRun open(String... options) {
    var given =
        new HashMap<>(
            Map.of("data_path", data, "reward", "length", "reasoning", "0", "max_gen_len", "16"));
    for (int i = 0; i < options.length; i += 2) given.put(options[i], options[i + 1]);
    return folder.open(stage, given);
  }

  @Test
  void hasTheseFlags() {
    var flags = StageFolder.flags(stage);
    assertEquals(
        List.of(
            "--max_gen_len",
            "--temperature",
            "--top_k",
            "--top_p",
            "--min_p",
            "--repetition_penalty",
            "--reward",
            "--reasoning",
            "--thinking_ratio",
            "--system_prompt_ratio",
            "--num_generations",
            "--loss_type",
            "--clip_epsilon",
            "--clip_epsilon_high",
            "--beta",
            "--num_iterations",
            "--scale_rewards",
            "--dynamic_sampling",
            "--overlong_buffer"),
        flags.subList(flags.indexOf("--max_gen_len"), flags.indexOf("--epochs")));
  }

  @Test
  void hasMiniMindsDefaults() {
    assertEquals(8e-8, GrpoConfig.DEFAULT.training().learningRate());
    assertEquals(0.02, GrpoConfig.DEFAULT.beta());
    assertEquals(8, GrpoConfig.DEFAULT.numGenerations());
    assertEquals(1536, GrpoConfig.DEFAULT.answers().maxGenLen());
    assertEquals(0.8, GrpoConfig.DEFAULT.answers().temperature());
    assertEquals("reason", GrpoConfig.DEFAULT.start().fromWeight());
    assertEquals(10, GrpoConfig.DEFAULT.training().saveInterval());
    var compat = stage.preset(Map.of("data_path", "x", "compat", "minimind2"));
    assertEquals("50", compat.get("top_k"));
    assertEquals("0.01", compat.get("weight_decay"));
    try (var run = open()) {
      assertEquals("grpo_32", run.outputName());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFirstRatioIsOneAndTheSecondIsNot(LossType type) {
    try (var run = open("num_iterations", "2", "loss_type", type.name().toLowerCase());
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      var rollout = run.policy().source().sample(batch, Drawing.of(8)).rollout();
      var away = run.policy().now(rollout).values().sub(run.policy().before(rollout));
      assertEquals(0, away.abs().max().item(), 1e-4);

      var losses = run.losses(batch);
      assertEquals(2, run.lossesPerBatch());
      var first = losses.next();
      assertEquals(0, first.metrics().get("clipped_share").sum().item());
      // Advantages of a group sum up to 0, so does a loss of ratios 1 where each answer counts
      // once.
      if (type == LossType.GRPO || type == LossType.GSPO) assertEquals(0, first.sum().item(), 1e-3);
      first.sum().backward();
      try (var no = NoGrad.enter()) {
        for (var weight : run.groups().getFirst().parameters().values())
          weight.add_(weight.grad(), -3e-3);
      }
      var second = losses.next();
      assertTrue(second.metrics().get("clipped_share").sum().item() > 0);
      assertTrue(second.metrics().get("kl").sum().item() > 0);
    }
  }

  @Test
  void answersOfHighRewardBecomeLikelier() {
    try (var run = open("beta", "0");
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      var answers = run.policy().source().sample(batch, Drawing.of(8));
      double[] advantages = GroupAdvantage.of(answers, Scale.GROUP, run.ranks());
      double before = gained(run, answers.rollout(), advantages);
      run.losses(batch).next().sum().backward();
      try (var no = NoGrad.enter()) {
        for (var weight : run.groups().getFirst().parameters().values())
          weight.add_(weight.grad(), -1e-4);
      }
      assertTrue(gained(run, answers.rollout(), advantages) > before);
    }
  }

  /** Mean log-probability of each answer times its advantage, summed. */
  private static double gained(GrpoRun run, Rollout rollout, double[] advantages) {
    double[] means =
        PolicyMath.rowMeans(run.policy().judged(rollout), rollout.mask()).toDoubleArray();
    double sum = 0;
    for (int n = 0; n < means.length; n++) sum += means[n] * advantages[n];
    return sum;
  }

  @Test
  void aRewardThatNeverDiffersHasNoGradientAtAll() {
    for (var type : LossType.values()) {
      try (var run = open("reward", "constant", "loss_type", type.name().toLowerCase());
          var scope = TensorScope.open()) {
        var loss = run.losses(StageFolder.firstBatch(run)).next();
        assertEquals(1, loss.metrics().get("degenerate_groups").value(), 1e-6);
        loss.sum().backward();
        for (var weight : run.groups().getFirst().parameters().values())
          assertEquals(0, weight.grad().abs().max().item(), type.name());
      }
    }
  }

  @Test
  void groupsThatStayEqualAreLeftOutWholly() {
    try (var run = open("reward", "constant", "dynamic_sampling", "2");
        var scope = TensorScope.open()) {
      var loss = run.losses(StageFolder.firstBatch(run)).next();
      assertEquals(0, loss.weight());
      assertEquals(0, loss.sum().item());
      assertEquals(1, loss.metrics().get("degenerate_groups").value(), 1e-6);
      assertEquals(0, loss.metrics().get("reward").weight());
    }
  }

  @Test
  void aLongPromptKeepsItsEndWithTheHeaderOfTheAnswer() {
    var tokens = "and so on ".repeat(40) + "the end?";
    folder.data(StageFolder.asked(tokens, "none"));
    try (var run = open("max_seq_len", "20")) {
      var prompt = StageFolder.firstBatch(run).prompts().getFirst();
      assertEquals(20, prompt.ids().length);
      var text = run.chat().tokenizer().decode(prompt.ids(), false);
      assertTrue(text.endsWith("the end?<|im_end|>\n<|im_start|>assistant\n"), text);
    }
  }

  @Test
  void answersInTheDataAreLeftOutAndTheRunSaysSo() {
    folder.data(StageFolder.asked("What is 1 + 1?", "2, I think"));
    try (var run = open()) {
      var prompt = StageFolder.firstBatch(run).prompts().getFirst();
      var text = run.chat().tokenizer().decode(prompt.ids(), false);
      assertTrue(text.contains("What is 1 + 1?"), text);
      assertFalse(text.contains("I think"), text);
      assertEquals("user", prompt.conversation().messages().getLast().role());
    }
    assertTrue(
        folder.lines().stream().anyMatch(line -> line.contains("the data has answers (\"2, I")),
        folder.lines().toString());
  }

  @Test
  void emptyAnswersAreWhatIsExpected() {
    folder.data(StageFolder.asked("a", ""), StageFolder.asked("b", "\u65e0"));
    try (var run = open()) {
      assertEquals(2, StageFolder.firstBatch(run).size());
    }
    assertFalse(
        folder.lines().stream().anyMatch(line -> line.contains("the data has answers")),
        folder.lines().toString());
  }

  @Test
  void saysThatDropoutIsOn() {
    try (var run = open("dropout", "0.1")) {
      var said = folder.lines().toString();
      assertTrue(said.contains("warning: dropout is 0.1: what learns is not quite"), said);
    }
  }

  @Test
  void refusesOptionsOutOfBounds() {
    refuses("--num_generations is 1, must be at least 2", "num_generations", "1");
    refuses("--loss_type is \"reinforce\", must be one of grpo, dapo", "loss_type", "reinforce");
    refuses("--reward is none; say what scores answers", "reward", "none");
    refuses("--reward is lenght, but there is no reward lenght; did you", "reward", "lenght");
    refuses("--from_weight is none, must be weights", "from_weight", "none");
    refuses("--overlong_buffer is 17, must be from 0 to --max_gen_len", "overlong_buffer", "17");
    refuses("--compat is minimind3, must be none or minimind2", "compat", "minimind3");
    refuses(
        "--scale_rewards is BATCH, must be group with --compat",
        "scale_rewards",
        "batch",
        "compat",
        "minimind2");
    refuses(
        "--num_iterations is 2, must be 1 with --compat",
        "compat",
        "minimind2",
        "num_iterations",
        "2");
    refuses(
        "--num_iterations is 2, must be 1 unless --accumulation_steps is 1",
        "num_iterations",
        "2",
        "accumulation_steps",
        "4");
  }

  private void refuses(String begins, String... options) {
    var message = assertThrows(ConfigException.class, () -> open(options)).getMessage();
    assertTrue(message.startsWith(begins), message);
  }

  @Test
  void minimind2sFormSeesThePaddingAndItsOwnTemperature() {
    try (var run = open("compat", "minimind2");
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var batch = StageFolder.firstBatch(run);
      var rollout = run.policy().source().sample(batch, Drawing.of(2)).rollout();
      int width = rollout.responseWidth();
      var hidden = run.decoder().hidden(rollout.ids());
      var logProbs = run.decoder().logits(hidden).logSoftmax(-1);
      double[] all = logProbs.flatten(0, -1).toDoubleArray();
      long[] ids = rollout.ids().toLongArray();
      double[] wanted = new double[rollout.answers().size() * width];
      int length = rollout.promptWidth() + width;
      float[] mask = rollout.mask().toFloatArray();
      for (int i = 0; i < wanted.length; i++) {
        int at = i / width * length + rollout.promptWidth() + i % width;
        wanted[i] = mask[i] * all[(at - 1) * StageFolder.VOCABULARY + (int) ids[at]];
      }
      assertArrayEquals(wanted, run.policy().now(rollout).values().toDoubleArray(), 1e-4);
      assertTrue(Arrays.stream(rollout.firstKey().toLongArray()).anyMatch(start -> start > 0));
    }
  }
}
