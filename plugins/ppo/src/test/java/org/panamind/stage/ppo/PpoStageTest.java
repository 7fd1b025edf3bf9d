package org.panamind.stage.ppo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.model.Experts;
import org.panamind.model.ModelConfig;
import org.panamind.stage.ConfigException;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.trial.SimulatedRanks;
import org.panamind.stage.trial.StageFolder;
import org.panamind.stage.trial.TrialReward;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

class PpoStageTest {
  private final PpoStage stage = new PpoStage();
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
            .data(
                StageFolder.asked("one and more", "none"),
                StageFolder.asked("two", "none"),
                StageFolder.asked("three", "none"))
            .toString();
  }

  private <R extends TrainingRun<?>> R open(String... options) {
    return open(RankShare.ALONE, RankSums.ALONE, options);
  }

  private <R extends TrainingRun<?>> R open(RankShare share, RankSums ranks, String... options) {
    var given =
        new HashMap<>(
            Map.of(
                "data_path", data,
                "reward", "length",
                "reasoning", "0",
                "max_gen_len", "16",
                "batch_size", "3"));
    for (int i = 0; i < options.length; i += 2) given.put(options[i], options[i + 1]);
    return folder.open(stage, given, share, ranks);
  }

  @Test
  void hasTheseFlags() {
    var flags = StageFolder.flags(stage);
    assertEquals(
        List.of(
            "--num_generations",
            "--score_cut",
            "--clip_epsilon",
            "--clip_value",
            "--vf_coef",
            "--kl_coef",
            "--kl_form",
            "--gamma",
            "--lambda",
            "--ppo_epochs",
            "--mini_batch_size",
            "--target_kl",
            "--critic_learning_rate",
            "--update_old_actor_freq"),
        flags.subList(flags.indexOf("--num_generations"), flags.indexOf("--epochs")));
  }

  @Test
  void hasMiniMindsDefaults() {
    var usual = PpoConfig.DEFAULT;
    assertEquals(8e-8, usual.training().learningRate());
    assertEquals(8e-8, usual.criticLearningRate());
    assertEquals(0.1, usual.clipEpsilon());
    assertEquals(0.5, usual.vfCoef());
    assertEquals(0.02, usual.klCoef());
    assertEquals(0.95, usual.lambda());
    assertEquals(4, usual.updateOldActorFreq());
    try (PpoRun run = open()) {
      assertEquals("ppo_actor_32", run.outputName());
      assertFalse(run.critic().normedTwice());
    }
    try (MiniMindPpoRun run = open("compat", "minimind2")) {
      assertTrue(run.critic().normedTwice());
    }
  }

  @Test
  void refusesOptionsOutOfBounds() {
    refuses("--num_generations is 0, must be at least 1", "num_generations", "0");
    refuses("--gamma is 1.1, must be from 0", "gamma", "1.1");
    refuses("--kl_form is \"k1\", must be one of reward, k2, k3", "kl_form", "k1");
    refuses("--compat is minimind3, must be none or minimind2", "compat", "minimind3");
    refuses("--reward is none; say what scores answers", "reward", "none");
    refuses("--accumulation_steps is 2, must divide", "accumulation_steps", "2");
    refuses(
        "--num_generations is 2, must be 1 with --compat",
        "num_generations",
        "2",
        "compat",
        "minimind2");
    refuses(
        "--accumulation_steps is 2, must divide",
        "accumulation_steps",
        "2",
        "mini_batch_size",
        "1");
  }

  private void refuses(String begins, String... options) {
    var message = assertThrows(ConfigException.class, () -> open(options).close()).getMessage();
    assertTrue(message.startsWith(begins), message);
  }

  @Test
  void theCriticIsTheDecodersStatesNormedOnceWithAHeadOfOneNumber() {
    try (PpoRun run = open();
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Generators.seed(3);
      run.critic().weight().copy_(Torch.rand(DType.FLOAT32, Device.CPU, 1, 32));
      run.critic().bias().fill_(0.25);
      var rollout =
          run.policy().source().sample(StageFolder.firstBatch(run), Drawing.of(2)).rollout();
      var hidden = run.decoder().hidden(rollout.ids(), rollout.visibleFrom(), null);
      double[] states = hidden.flatten(0, -1).toDoubleArray();
      double[] weight = run.critic().weight().toDoubleArray();
      double[] values = run.critic().values(rollout).toDoubleArray();
      int width = rollout.responseWidth() + 1;
      int length = rollout.promptWidth() + rollout.responseWidth();
      for (int i = 0; i < values.length; i++) {
        int place = i / width * length + rollout.promptWidth() - 1 + i % width;
        double wanted = 0.25;
        for (int c = 0; c < 32; c++) wanted += states[place * 32 + c] * weight[c];
        assertEquals(wanted, values[i], 1e-4);
      }
    }
  }

  @Test
  void theFirstRatioIsOneAndBothLearn() {
    try (PpoRun run = open("mini_batch_size", "1", "score_cut", "1");
        var scope = TensorScope.open()) {
      assertEquals(6, run.lossesPerBatch());
      var loss = run.losses(StageFolder.firstBatch(run)).next();
      assertEquals(0, loss.metrics().get("kl_moved").value(), 1e-7);
      assertEquals(0, loss.metrics().get("clipped_share").sum().item());
      loss.sum().backward();
      var groups = run.groups();
      assertEquals(List.of("model", "critic"), groups.stream().map(g -> g.name()).toList());
      assertTrue(largest(groups.get(0).parameters()) > 0);
      assertTrue(groups.get(1).parameters().containsKey("value_head.weight"));
      assertTrue(groups.get(1).parameters().containsKey("model.norm.weight"));
      assertTrue(largest(groups.get(1).parameters()) > 0);
    }
  }

  private static double largest(Map<String, Tensor> parameters) {
    return parameters.values().stream()
        .filter(weight -> weight.grad() != null)
        .mapToDouble(weight -> weight.grad().abs().max().item())
        .max()
        .orElseThrow();
  }

  @Test
  void aRewardThatNeverDiffersTeachesTheCriticAlone() {
    for (String form : List.of("reward", "k2", "k3")) {
      try (PpoRun run = open("reward", "constant", "score_cut", "1", "kl_form", form);
          var scope = TensorScope.open()) {
        var losses = run.losses(StageFolder.firstBatch(run));
        for (int i = 0; i < run.lossesPerBatch(); i++) losses.next().sum().backward();
        assertEquals(0, largest(run.groups().get(0).parameters()), form);
        assertTrue(largest(run.groups().get(1).parameters()) > 0, form);
      }
    }
  }

  @Test
  void partsOfABatchThatIsNotFullHoldEachAnswerOnceInEachPass() {
    try (PpoRun run =
            open("batch_size", "8", "mini_batch_size", "2", "ppo_epochs", "2", "target_kl", "0");
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      assertEquals(3, batch.size());
      assertEquals(8, run.lossesPerBatch());
      long tokens = run.policy().source().sample(batch, Drawing.of(1)).countedTokens();
      var losses = run.losses(batch);
      var weights = new ArrayList<Double>();
      for (int i = 0; i < 8; i++) weights.add(losses.next().weight());
      for (int pass = 0; pass < 2; pass++) {
        var own = weights.subList(4 * pass, 4 * pass + 4);
        assertEquals(tokens, own.stream().mapToDouble(Double::doubleValue).sum());
        assertEquals(1, own.stream().filter(weight -> weight == 0).count());
      }
    }
  }

  @Test
  void emptyPartsNameTheBalanceLossOfExpertsToo() {
    folder.sharpWeights("experts", StageFolder.sizes(32).with(Experts.MINIMIND2));
    try (PpoRun run =
            open(
                "from_weight", "experts",
                "use_moe", "1",
                "batch_size", "8",
                "mini_batch_size", "2");
        var scope = TensorScope.open()) {
      run.training(true);
      var losses = run.losses(StageFolder.firstBatch(run));
      var all = new ArrayList<StepLoss>();
      for (int i = 0; i < 4; i++) all.add(losses.next());
      assertTrue(all.stream().anyMatch(loss -> loss.weight() == 0));
      for (var loss : all) assertEquals(all.getFirst().metrics().keySet(), loss.metrics().keySet());
      assertTrue(all.getFirst().metrics().containsKey("aux_loss"));
    }
  }

  @Test
  void ranksLeaveABatchTogetherAndGoOn() {
    var weights =
        SimulatedRanks.of(
            2,
            (share, ranks) -> {
              try (PpoRun run =
                      open(
                          share, ranks, "batch_size", "2", "ppo_epochs", "3", "target_kl", "0.01");
                  var scope = TensorScope.open()) {
                var own = new ArrayList<Double>();
                var losses = run.losses(StageFolder.firstBatch(run));
                own.add(losses.next().weight());
                // Only the first rank's policy moves: the second learns of it by the sum.
                try (var no = NoGrad.enter()) {
                  if (share.rank() == 0)
                    run.decoder().parameters().values().forEach(weight -> weight.mul_(0.8));
                }
                own.add(losses.next().weight());
                own.add(losses.next().weight());
                // The next batch begins anew.
                own.add(run.losses(StageFolder.firstBatch(run)).next().weight());
                return own;
              }
            });
    for (var own : weights) {
      assertTrue(own.get(0) > 0 && own.get(3) > 0, own.toString());
      assertEquals(List.of(0.0, 0.0), own.subList(1, 3));
    }
  }

  @Test
  void minimind2sFormIsOneUpdateOfWholeAnswersAgainstTheOldActor() {
    try (MiniMindPpoRun run =
            open("compat", "minimind2", "update_old_actor_freq", "2", "batch_size", "1");
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      assertEquals(1, run.lossesPerBatch());
      try (var no = NoGrad.enter()) {
        run.decoder().parameters().values().forEach(weight -> weight.mul_(0.99));
      }
      assertTrue(metric(run.losses(batch).next(), "kl_moved") != 0);
      // The second batch copies.
      assertEquals(0, metric(run.losses(batch).next(), "kl_moved"), 1e-5);
      var rollout = run.policy().source().sample(batch, Drawing.of(1)).rollout();
      var alone = rollout.logProbsUnder(run.decoder(), rollout.forward(run.decoder()), 1);
      assertArrayEquals(alone.toDoubleArray(), run.policy().now(rollout).values().toDoubleArray());
    }
  }

  private static double metric(StepLoss loss, String name) {
    return loss.metrics().get(name).value();
  }

  @Test
  void minimind2sFormLearnsNothingFromARowThatOnlyKeepsARankInStep() {
    try (MiniMindPpoRun run = open("compat", "minimind2");
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      var two = batch.prompts().subList(0, 2);
      var filled = new ArrayList<>(two);
      filled.add(PromptBatch.FORM.ignored(batch.prompts().get(2)));
      var without = run.losses(PromptBatch.FORM.of(two, 0, batch.next())).next();
      var with = run.losses(PromptBatch.FORM.of(filled, 0, batch.next())).next();
      assertEquals(without.weight(), with.weight());
      assertEquals(without.sum().item(), with.sum().item(), 1e-3);
      for (String name : List.of("actor_loss", "critic_loss", "kl"))
        assertEquals(metric(without, name), metric(with, name), 1e-3, name);
    }
  }

  @Test
  void trainsMinimind3sArchitecture() {
    var config =
        ModelConfig.minimind3(StageFolder.VOCABULARY, 32, 2, 4, 2, 0, 0, 2048, 1e6, null, 0);
    folder.sharpWeights("newer", config);
    try (PpoRun run = open("from_weight", "newer");
        var scope = TensorScope.open()) {
      var loss = run.losses(StageFolder.firstBatch(run)).next();
      loss.sum().backward();
      assertTrue(Double.isFinite(loss.sum().item()) && loss.weight() > 0);
      assertTrue(largest(run.groups().get(0).parameters()) > 0);
    }
  }
}
