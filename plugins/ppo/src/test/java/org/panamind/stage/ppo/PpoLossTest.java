package org.panamind.stage.ppo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.trial.StageFolder;
import org.panamind.stage.trial.TrialReward;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** The loss of drawn answers against the papers' formulas in loops over double. */
class PpoLossTest {
  private static final double CLIP = 0.2;
  private static final double CLIP_VALUE = 0.3;
  private static final double VF = 0.7;
  private static final double KL = 0.4;

  @TempDir Path temporary;
  private StageFolder folder;
  private PpoRun run;
  private TensorScope scope;
  private ScoredRollout answers;
  private double[] now;
  private double[] expected;
  private int width;
  private final Random random = new Random(6);

  @BeforeEach
  void draw() {
    folder = new StageFolder(temporary);
    folder.sharpWeights("full_sft", StageFolder.sizes(32));
    folder.install(new TrialReward("length", reply -> reply.text().length()));
    folder.data(
        StageFolder.asked("one and more", "none"),
        StageFolder.asked("two", "none"),
        StageFolder.asked("three", "none"));
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
    if (run != null) run.close();
  }

  private PpoRun open(Divergence form, double target) {
    var given =
        new HashMap<>(
            Map.of(
                "data_path", temporary.resolve("data.jsonl").toString(),
                "reward", "length",
                "reasoning", "0",
                "max_gen_len", "48",
                "batch_size", "3",
                "num_generations", "8",
                "clip_epsilon", Double.toString(CLIP),
                "clip_value", Double.toString(CLIP_VALUE),
                "vf_coef", Double.toString(VF)));
    given.put("kl_coef", Double.toString(KL));
    given.put("kl_form", form.name().toLowerCase(Locale.ROOT));
    given.put("target_kl", Double.toString(target));
    run = folder.open(new PpoStage(), given);
    try (var no = NoGrad.enter()) {
      run.critic().weight().copy_(any(0.3, 1, 32));
      answers = run.policy().source().sample(StageFolder.firstBatch(run), Drawing.of(8));
      now = run.policy().judged(answers.rollout()).toDoubleArray();
      expected = run.critic().values(answers.rollout()).toDoubleArray();
    }
    width = answers.rollout().responseWidth();
    return run;
  }

  private Tensor any(double scale, long... shape) {
    int count = 1;
    for (long axis : shape) count *= (int) axis;
    var values = new float[count];
    for (int i = 0; i < count; i++) values[i] = (float) (scale * random.nextGaussian());
    return Tensor.of(values, shape);
  }

  /** Ratios, values and advantages on all sides of their limits. */
  private PpoLoss.Known known() {
    int n = answers.size();
    try (var no = NoGrad.enter()) {
      var judged = run.policy().judged(answers.rollout());
      var values = run.critic().values(answers.rollout()).narrow(1, 0, width);
      return new PpoLoss.Known(
          judged.add(any(0.4, n, width)),
          judged.add(any(0.8, n, width)),
          values.add(any(0.6, n, width)),
          any(1, n, width),
          values.add(any(1, n, width)),
          answers.mask(),
          KL);
    }
  }

  private PpoLoss loss(PpoLoss.Known known) {
    return new PpoLoss(run.policy(), run.critic(), run.config(), RankSums.ALONE, answers, known);
  }

  private double byHand(PpoLoss.Known known, Divergence form, long... rows) {
    double[] before = known.before().toDoubleArray();
    double[] reference = known.reference().toDoubleArray();
    double[] values = known.values().toDoubleArray();
    double[] advantages = known.advantages().toDoubleArray();
    double[] returns = known.returns().toDoubleArray();
    double sum = 0;
    for (long n : rows) {
      for (int t = 0; t < answers.rollout().lengths()[(int) n]; t++) {
        int i = (int) n * width + t;
        double ratio = Math.exp(now[i] - before[i]);
        double limited = Math.max(1 - CLIP, Math.min(1 + CLIP, ratio));
        double actor = -Math.min(ratio * advantages[i], limited * advantages[i]);
        double value = expected[(int) n * (width + 1) + t];
        double near = Math.max(values[i] - CLIP_VALUE, Math.min(values[i] + CLIP_VALUE, value));
        double critic =
            Math.max(Math.pow(value - returns[i], 2), Math.pow(near - returns[i], 2)) / 2;
        double away = reference[i] - now[i];
        double divergence =
            switch (form) {
              case REWARD -> 0;
              case K2 -> away * away / 2;
              case K3 -> Math.exp(away) - away - 1;
            };
        sum += actor + VF * critic + KL * divergence;
      }
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource
  void isThePapersFormula(Divergence form) {
    open(form, 0);
    var known = known();
    var loss = loss(known).of(new long[] {4, 0, 7});
    double wanted = byHand(known, form, 4, 0, 7);
    assertEquals(wanted, loss.sum().item(), 1e-4 * Math.abs(wanted));
    long[] lengths = answers.rollout().lengths();
    assertEquals(lengths[4] + lengths[0] + lengths[7], loss.weight());
  }

  @Test
  void theDivergencesPriceStandsInTheRewardOfEachTokenAndTheScoreAtTheLast() {
    open(Divergence.REWARD, 0);
    assertTrue(answers.rollout().ended().containsAll(Set.of(true, false)));
    double[] divergence = new double[answers.size() * width];
    for (int i = 0; i < divergence.length; i++) divergence[i] = random.nextGaussian();
    double[] rewards = run.rewards(answers, divergence);
    for (int n = 0; n < answers.size(); n++) {
      long length = answers.rollout().lengths()[n];
      for (int t = 0; t < width; t++) {
        double wanted = t < length ? -KL * divergence[n * width + t] : 0;
        // An answer that was cut off gets none: what is to come is the critic's word.
        if (t == length - 1 && answers.rollout().ended().get(n)) wanted += answers.rewards()[n];
        assertEquals(wanted, rewards[n * width + t], 1e-12);
      }
    }
  }

  @Test
  void asALossTheDivergenceHasNoPriceInTheReward() {
    open(Divergence.K2, 0);
    var divergence = new double[answers.size() * width];
    Arrays.fill(divergence, 5);
    double[] rewards = run.rewards(answers, divergence);
    double sum = 0;
    for (double reward : rewards) sum += reward;
    double scores = 0;
    for (int n = 0; n < answers.size(); n++)
      if (answers.rollout().ended().get(n)) scores += answers.rewards()[n];
    assertEquals(scores, sum, 1e-9);
  }

  @Test
  void leavesTheBatchOnceThePolicyHasGoneTooFar() {
    open(Divergence.REWARD, 0.02);
    var judged = run.policy().judged(answers.rollout());
    var known = known();
    var near =
        new PpoLoss.Known(
            judged,
            known.reference(),
            known.values(),
            known.advantages(),
            known.returns(),
            known.mask(),
            KL);
    var loss = loss(near);
    assertTrue(loss.of(new long[] {0, 1}).weight() > 0);
    // Weights that have moved.
    try (var no = NoGrad.enter()) {
      run.decoder().parameters().values().forEach(weight -> weight.mul_(0.9));
    }
    var left = loss.of(new long[] {0, 1});
    assertEquals(0, left.weight());
    assertEquals(0, left.sum().item());
    assertTrue(!left.sum().requiresGrad());
    assertEquals(0, loss.of(new long[] {2}).weight(), "and stays out of it");
  }

  @Test
  void aPartWithoutAnswersHasTheSameMetricsAndWeighsNothing() {
    open(Divergence.K3, 0);
    var loss = loss(known());
    var full = loss.of(new long[] {1});
    var empty = loss.of(new long[0]);
    assertEquals(full.metrics().keySet(), empty.metrics().keySet());
    assertEquals(0, empty.weight());
    assertEquals(0, empty.supervised());
  }
}
