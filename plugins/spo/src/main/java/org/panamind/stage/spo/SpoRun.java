package org.panamind.stage.spo;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.IntStream;
import org.panamind.dataset.Samples;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.MeanMetrics;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.PolicyFiles;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.rl.PolicyRun;
import org.panamind.stage.rl.RankMoments;
import org.panamind.stage.rl.RewardSpread;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.Tensor;

/**
 * Single-stream policy optimisation (Xu and Ding 2025, arXiv:2509.13232): one answer to each of N
 * prompts, judged against what answers to its prompt were worth before, normalised over the batch
 * of all ranks; prompts whose worth is uncertain come more often.
 *
 * @param policy what learns
 * @param config what the user asked for
 * @param values what prompts are worth
 * @param spread whether rewards say anything yet
 * @param ranks that share a batch
 * @param share this rank's place among them
 * @param data prompts
 * @param outputName of the weights
 * @param chat where the prompts come from
 */
record SpoRun(
    Policy policy,
    SpoConfig config,
    PromptValues values,
    RewardSpread spread,
    RankSums ranks,
    RankShare share,
    TrainingData<PromptBatch> data,
    String outputName,
    ChatFiles chat)
    implements PolicyRun {
  private static final String TRACKER = "tracker";
  private static final String SPREAD = "reward_spread";

  static SpoRun open(SpoConfig config, TrainingContext context) {
    var training = config.training();
    var files =
        PolicyFiles.open(config.data(), config.answers(), config.start(), training, context);
    var tracker = new ValueTracker();
    var prompts =
        new WeightedPrompts(
            numbered(files.rows().training()),
            files.data(),
            tracker,
            training.batchSize(),
            context.share(),
            files.chat().tokenizer().specialTokens().padId(),
            training.seed());
    return new SpoRun(
        files.policy(),
        config,
        new PromptValues(tracker, files.policy(), config, files.chat().tokenizer().specialTokens()),
        new RewardSpread(),
        context.ranks(),
        context.share(),
        prompts,
        files.outputName(),
        files.chat());
  }

  /** Each by its place among those that are trained on, whatever was held out. */
  private static Samples<Prompt> numbered(Samples<Prompt> prompts) {
    return new Samples<>() {
      @Override
      public long size() {
        return prompts.size();
      }

      @Override
      public Prompt get(long index) {
        var prompt = prompts.get(index);
        return new Prompt(
            prompt.ids(), prompt.conversation(), prompt.record(), index, prompt.counts());
      }
    };
  }

  @Override
  public int lossesPerBatch() {
    return config.numIterations();
  }

  @Override
  public Iterator<StepLoss> losses(PromptBatch batch) {
    values.begin(batch);
    var answers = policy.source().sample(batch, Drawing.of(1));
    spread.see(answers, ranks, share);
    double[] expected = values.of(batch);
    double[] raw =
        IntStream.range(0, answers.size())
            .mapToDouble(n -> config.success(answers.rewards()[n]) - expected[n])
            .toArray();
    var all = RankMoments.of(answers.ofCounted(raw), ranks); // section 3.3
    double[] known =
        spread.isAny() ? Arrays.stream(raw).map(all::normalised).toArray() : new double[raw.length];
    double kept = values.learn(batch, answers, ranks, share);

    var rollout = answers.rollout();
    var mask = answers.mask(); // [N, R]
    var advantages = Tensor.of(known, known.length, 1).to(mask.device(), mask.dtype()); // [N, 1]
    var reference = policy.reference(rollout); // [N, R]
    var loss = new SpoLoss(config.clipEpsilon(), config.clipEpsilonHigh(), config.dualClip());
    return policy.updates(
        rollout,
        config.numIterations(),
        (now, before) -> {
          var divergence = PolicyMath.k3(now, reference);
          var losses = loss.of(now, before, advantages).add(divergence, config.beta()); // [N, R]
          var kl = PolicyMath.mean(divergence, mask);
          return step(answers, losses.mul(mask), kl, answers.mean(expected), kept);
        });
  }

  private StepLoss step(
      ScoredRollout answers, Tensor losses, Tensor kl, double value, double kept) {
    long weight = answers.countedTokens();
    var metrics =
        new MeanMetrics(weight, decoder().device())
            .put("reward", answers.meanReward(), answers.countedAnswers())
            .put("value", value, answers.countedAnswers())
            .put("rho", kept)
            .put("kl", kl)
            .put("response_length", answers.meanLength(), answers.countedAnswers())
            .put("cut_share", answers.cutShare(), answers.countedAnswers());
    return new StepLoss(losses.sum(), weight, weight, answers.readTokens(), metrics.means());
  }

  @Override
  public Map<String, String> state() {
    return Map.of(TRACKER, values.tracker().text(), SPREAD, spread.text());
  }

  @Override
  public void restore(Map<String, String> state) {
    values.tracker().read(state.get(TRACKER));
    spread.read(state.get(SPREAD));
  }
}
