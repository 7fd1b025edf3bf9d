package org.panamind.stage.grpo;

import java.util.Iterator;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.grpo.GrpoLoss.Tokens;
import org.panamind.stage.rl.MeanMetrics;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.PolicyFiles;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.rl.PolicyRun;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.Tensor;

/**
 * Group-relative policy optimisation (Shao et al. 2024, arXiv:2402.03300, section 4.1): G answers
 * to each of B prompts, N = B * G, whose tokens become likelier as far as their reward is above the
 * group's mean, held by a clipped ratio and the divergence from the reference.
 *
 * @param policy what learns
 * @param config what the user asked for
 * @param ranks that share a batch
 * @param data prompts
 * @param outputName of the weights
 * @param chat where the prompts come from, or null if they are recorded
 */
record GrpoRun(
    Policy policy,
    GrpoConfig config,
    RankSums ranks,
    TrainingData<PromptBatch> data,
    String outputName,
    ChatFiles chat)
    implements PolicyRun {
  static GrpoRun open(GrpoConfig config, TrainingContext context) {
    var files =
        PolicyFiles.open(
            config.data(), config.answers(), config.start(), config.training(), context);
    return new GrpoRun(
        files.policy(), config, context.ranks(), files.data(), files.outputName(), files.chat());
  }

  @Override
  public int lossesPerBatch() {
    return config.numIterations();
  }

  @Override
  public boolean startsAtPeak() {
    return compat();
  }

  private boolean compat() {
    return config.training().compat() != Compat.NONE;
  }

  @Override
  public Iterator<StepLoss> losses(PromptBatch batch) {
    var group =
        new GroupSampling(policy.source(), config.numGenerations(), config.dynamicSampling());
    var drawn = group.sample(batch);
    var answers =
        Overlong.shaped(drawn.answers(), config.overlongBuffer(), config.answers().maxGenLen());
    var rollout = answers.rollout();
    double[] known =
        compat()
            ? GroupAdvantage.asMiniMind2(answers)
            : GroupAdvantage.of(answers, config.scaleRewards(), ranks);
    var advantages =
        Tensor.of(known, known.length, 1).to(decoder().device(), rollout.mask().dtype());
    var reference = policy.reference(rollout); // [N, R]
    var mask = answers.mask(); // [N, R]
    return policy.updates(
        rollout,
        config.numIterations(),
        (now, before) -> {
          var tokens = new Tokens(now, before, reference, advantages, mask);
          return step(answers, tokens, drawn);
        });
  }

  private StepLoss step(ScoredRollout answers, Tokens tokens, GroupSampling.Drawn drawn) {
    var loss = config.loss();
    int counted = answers.countedAnswers();
    double weight = loss.type().countsTokens() ? answers.countedTokens() : counted;
    var metrics =
        new MeanMetrics(weight, decoder().device())
            .put("reward", answers.meanReward(), counted)
            .put("degenerate_groups", drawn.degenerateShare(), drawn.groups())
            .put(
                "kl",
                PolicyMath.mean(PolicyMath.k3(tokens.now(), tokens.reference()), tokens.mask()))
            .put("clipped_share", loss.clippedShare(tokens))
            .put("response_length", answers.meanLength(), counted)
            .put("cut_share", answers.cutShare(), counted);
    return new StepLoss(
        loss.sum(tokens, counted),
        weight,
        answers.countedTokens(),
        answers.readTokens(),
        metrics.means());
  }
}
