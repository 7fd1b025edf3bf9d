package org.panamind.stage.spo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.model.Experts;
import org.panamind.model.ModelConfig;
import org.panamind.stage.ConfigException;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.trial.SimulatedRanks;
import org.panamind.stage.trial.StageFolder;
import org.panamind.stage.trial.TrialReward;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class SpoStageTest {
  private final SpoStage stage = new SpoStage();
  @TempDir Path temporary;
  private StageFolder folder;
  private String data;

  @BeforeEach
  void leaveWhatFineTuningLeaves() {
    folder = new StageFolder(temporary);
    folder.sharpWeights("full_sft", StageFolder.sizes(32));
    folder.install(
        new TrialReward("odd", reply -> Math.floorMod(reply.text().hashCode(), 10) / 9.0));
    folder.install(new TrialReward("constant", reply -> 0.3));
    data =
        folder
            .data(
                StageFolder.asked("one and more", "none"),
                StageFolder.asked("two", "none"),
                StageFolder.asked("three, four", "none"),
                StageFolder.asked("five", "none"),
                StageFolder.asked("six is the last", "none"))
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
                "reward", "odd",
                "reasoning", "0",
                "max_gen_len", "12",
                "batch_size", "5"));
    for (int i = 0; i < options.length; i += 2) given.put(options[i], options[i + 1]);
    return folder.open(stage, given, share, ranks);
  }

  @Test
  void hasTheseFlags() {
    var flags = StageFolder.flags(stage);
    assertEquals(
        List.of(
            "--reward_low",
            "--reward_high",
            "--offline_samples",
            "--rho_min",
            "--rho_max",
            "--half_life",
            "--clip_epsilon",
            "--clip_epsilon_high",
            "--dual_clip",
            "--beta",
            "--num_iterations"),
        flags.subList(flags.indexOf("--reward_low"), flags.indexOf("--epochs")));
  }

  @Test
  void hasThePapersDefaultsAndMiniMindsLoop() {
    var usual = SpoConfig.DEFAULT;
    assertEquals(8, usual.offlineSamples());
    assertEquals(0.875, usual.rhoMin());
    assertEquals(0.96, usual.rhoMax());
    assertEquals(0.06, usual.halfLife());
    assertEquals(0.28, usual.clipEpsilonHigh());
    assertEquals(10, usual.dualClip());
    assertEquals(1e-7, usual.training().learningRate());
    assertEquals(4, usual.training().accumulationSteps());
    assertEquals("0.02", stage.preset(Map.of("data_path", "x", "compat", "minimind2")).get("beta"));
    try (SpoRun run = open()) {
      assertEquals("spo_32", run.outputName());
    }
  }

  @Test
  void refusesOptionsOutOfBounds() {
    refuses("--reward_high is 0.0, must be above --reward_low", "reward_high", "0");
    refuses("--rho_max is 0.5, must be from 0.875", "rho_max", "0.5");
    refuses("--dual_clip is 0.5, must be 0 or above 1", "dual_clip", "0.5");
    refuses("--num_iterations is 2, must be 1 unless", "num_iterations", "2");
    refuses(
        "--num_iterations is 2, must be 1 with --compat",
        "num_iterations",
        "2",
        "compat",
        "minimind2");
    refuses("--compat is minimind3, must be none or minimind2", "compat", "minimind3");
    refuses("--reward is none; say what scores answers", "reward", "none");
  }

  private void refuses(String begins, String... options) {
    var message = assertThrows(ConfigException.class, () -> open(options).close()).getMessage();
    assertTrue(message.startsWith(begins), message);
  }

  private static PromptBatch next(SpoRun run, Cursor from) {
    try (var batches = run.data().training(from, 9)) {
      return batches.next().orElseThrow();
    }
  }

  @Test
  void theTrackerFollowsThePaperFromItsFirstAnswersOn() {
    try (SpoRun run = open("offline_samples", "4");
        var scope = TensorScope.open()) {
      var batch = next(run, Cursor.START);
      var tracker = run.values().tracker();
      double[] offline = successes(run, batch, new Drawing(4, 1, false));
      double[] first = successes(run, batch, Drawing.of(1));
      run.losses(batch).next();
      var beliefs = new TreeMap<Long, Belief>();
      for (int n = 0; n < batch.size(); n++) {
        long sample = batch.prompts().get(n).sample();
        double sum = Arrays.stream(offline, 4 * n, 4 * n + 4).sum();
        var wanted = Belief.initial(sum, 4, 0.875).after(first[n], 0.96);
        beliefs.put(sample, wanted);
        assertEquals(wanted.alpha(), tracker.of(sample).belief().alpha(), 1e-9);
        assertEquals(wanted.beta(), tracker.of(sample).belief().beta(), 1e-9);
      }
      // The policy moves; what is kept follows from the prompts' own answers of the batch before.
      try (var no = NoGrad.enter()) {
        run.decoder().parameters().values().forEach(weight -> weight.mul_(1.001));
      }
      var again = next(run, batch.next());
      double[] kept = keptByHand(run, again);
      double[] second = successes(run, again, Drawing.of(1));
      var loss = run.losses(again).next();
      assertEquals(
          Arrays.stream(kept).average().orElseThrow(), loss.metrics().get("rho").value(), 1e-3);
      assertTrue(Arrays.stream(kept).distinct().count() > 2, Arrays.toString(kept));
      for (int n = 0; n < again.size(); n++) {
        long sample = again.prompts().get(n).sample();
        var wanted = beliefs.get(sample).after(second[n], kept[n]);
        assertEquals(wanted.alpha(), tracker.of(sample).belief().alpha(), 1e-2);
        assertEquals(wanted.beta(), tracker.of(sample).belief().beta(), 1e-2);
      }
    }
  }

  private static double[] successes(SpoRun run, PromptBatch batch, Drawing drawing) {
    return run.policy().source().sample(batch, drawing).rewards();
  }

  /** From the whole distribution over each prompt's last answer, one after the other. */
  private static double[] keptByHand(SpoRun run, PromptBatch batch) {
    var kept = new double[batch.size()];
    for (int n = 0; n < kept.length; n++) {
      var known = run.values().tracker().of(batch.prompts().get(n).sample());
      int[] prompt = batch.prompts().get(n).ids();
      int[] answer = known.answer();
      var ids = new long[prompt.length + answer.length];
      for (int t = 0; t < ids.length; t++)
        ids[t] = t < prompt.length ? prompt[t] : answer[t - prompt.length];
      double change = 0;
      try (var no = NoGrad.enter()) {
        var hidden = run.decoder().hidden(Tensor.of(ids, 1, ids.length));
        double temperature = run.config().answers().temperature();
        double[] all = run.decoder().logits(hidden).div(temperature).logSoftmax(-1).toDoubleArray();
        for (int t = 0; t < answer.length; t++) {
          double now = all[(prompt.length + t - 1) * StageFolder.VOCABULARY + answer[t]];
          change += Math.abs(now - known.logProbs()[t]) / answer.length;
        }
      }
      kept[n] = Math.clamp(Math.pow(2, -change / 0.06), 0.875, 0.96);
    }
    return kept;
  }

  @Test
  void aBatchOnThreeRanksTeachesAsOnOne() {
    String[] text = new String[1];
    double[] sums = new double[2];
    try (SpoRun run = open("offline_samples", "2");
        var scope = TensorScope.open()) {
      var loss = run.losses(next(run, Cursor.START)).next();
      sums[0] = loss.sum().item();
      sums[1] = loss.weight();
      text[0] = run.state().get("tracker");
    }
    var found =
        SimulatedRanks.of(
            3,
            (share, ranks) -> {
              // One of the five prompts' parts of two, two and one.
              try (SpoRun run = open(share, ranks, "offline_samples", "2", "batch_size", "2");
                  var scope = TensorScope.open()) {
                var loss = run.losses(next(run, Cursor.START)).next();
                return List.of(run.state(), loss.sum().item(), loss.weight());
              }
            });
    double sum = 0;
    double weight = 0;
    for (var rank : found) {
      assertEquals(found.getFirst().getFirst(), rank.getFirst(), "the same on all ranks");
      sum += (double) rank.get(1);
      weight += (double) rank.get(2);
    }
    assertEquals(sums[1], weight);
    assertEquals(sums[0], sum, 1e-3);
    var one = new ValueTracker();
    one.read(text[0]);
    var three = new ValueTracker();
    three.read(((Map<?, ?>) found.getFirst().getFirst()).get("tracker").toString());
    for (long sample = 0; sample < 5; sample++) {
      assertEquals(one.value(sample), three.value(sample), 1e-9);
      assertArrayEquals(one.of(sample).answer(), three.of(sample).answer());
    }
  }

  @Test
  void anAdvantageIsTheSuccessLessTheValueNormalisedOverTheBatch() {
    try (SpoRun run = open("offline_samples", "0", "accumulation_steps", "1", "beta", "0");
        var scope = TensorScope.open()) {
      var batch = next(run, Cursor.START);
      var answers = run.policy().source().sample(batch, Drawing.of(1));
      double[] raw = Arrays.stream(answers.rewards()).map(reward -> reward - 0.5).toArray();
      double mean = Arrays.stream(raw).average().orElseThrow();
      double squares = Arrays.stream(raw).map(a -> (a - mean) * (a - mean)).sum();
      double deviation = Math.sqrt(squares / raw.length);
      double wanted = 0;
      // The ratio is 1: each token's loss is the advantage with the other sign.
      for (int n = 0; n < raw.length; n++)
        wanted -= answers.rollout().lengths()[n] * (raw[n] - mean) / (deviation + 1e-8);
      var loss = run.losses(batch).next();
      assertEquals(wanted, loss.sum().item(), 1e-3);
      assertEquals(answers.countedTokens(), loss.weight());
      assertEquals(0.5, loss.metrics().get("value").value(), 1e-6);
    }
  }

  @Test
  void aRewardThatNeverDiffersHasNoGradientAtAll() {
    try (SpoRun run = open("reward", "constant", "beta", "0.1");
        var scope = TensorScope.open()) {
      var batch = next(run, Cursor.START);
      for (int i = 0; i < 2; i++) {
        run.losses(batch).next().sum().backward();
        for (var weight : run.groups().getFirst().parameters().values())
          assertEquals(0, weight.grad().abs().max().item());
      }
    }
  }

  @Test
  void whatTheRunKnowsComesBackFromItsState() {
    try (SpoRun run = open("offline_samples", "2");
        SpoRun other = open("offline_samples", "2");
        var scope = TensorScope.open()) {
      var batch = next(run, Cursor.START);
      run.losses(batch).next();
      other.restore(run.state());
      assertEquals(run.state(), other.state());
      var first = run.losses(next(run, batch.next())).next();
      var second = other.losses(next(other, batch.next())).next();
      assertEquals(first.sum().item(), second.sum().item());
      assertEquals(run.state(), other.state());
    }
  }

  @Test
  void numIterationsMoveAwayFromThePolicyThatDrew() {
    try (SpoRun run = open("num_iterations", "2", "accumulation_steps", "1");
        var scope = TensorScope.open()) {
      var losses = run.losses(next(run, Cursor.START));
      var first = losses.next();
      first.sum().backward();
      try (var no = NoGrad.enter()) {
        for (var weight : run.decoder().parameters().values()) weight.add_(weight.grad(), -1e-4);
      }
      var second = losses.next();
      assertTrue(second.sum().item() < first.sum().item());
      assertTrue(second.metrics().get("kl").sum().item() > 0);
    }
  }

  @Test
  void minimind2sFormIsOneValueForAllPrompts() {
    try (MiniMindSpoRun run = open("compat", "minimind2");
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      var answers = run.policy().source().sample(batch, Drawing.of(1));
      var rollout = answers.rollout();
      double[] now = run.policy().now(rollout).values().toDoubleArray();
      int width = rollout.responseWidth();
      double wanted = 0;
      for (int n = 0; n < answers.size(); n++) {
        int length = (int) rollout.lengths()[n];
        double sum = 0;
        for (int t = 0; t < length; t++) sum -= now[n * width + t] * answers.rewards()[n];
        wanted += sum / length;
      }
      var loss = run.losses(batch).next();
      assertEquals(wanted, loss.sum().item(), 1e-3);
      double share = (answers.meanReward() + 3) / 6;
      assertEquals(0.9 + share, run.tracker().belief().alpha(), 1e-9);
      assertEquals(0.9 + 1 - share, run.tracker().belief().beta(), 1e-9);
    }
  }

  @Test
  void trainsMinimind3sArchitectureAndExperts() {
    var newer =
        ModelConfig.minimind3(StageFolder.VOCABULARY, 32, 2, 4, 2, 0, 0, 2048, 1e6, null, 0);
    folder.sharpWeights("newer", newer);
    folder.sharpWeights("newer", newer.with(Experts.MINIMIND3));
    for (String moe : List.of("0", "1")) {
      try (SpoRun run = open("from_weight", "newer", "use_moe", moe);
          var scope = TensorScope.open()) {
        run.training(true);
        var loss = run.losses(next(run, Cursor.START)).next();
        loss.sum().backward();
        assertTrue(Double.isFinite(loss.sum().item()) && loss.weight() > 0);
        assertEquals(moe.equals("1"), loss.metrics().containsKey("aux_loss"));
      }
    }
  }
}
