package org.panamind.stage.spo;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.MeanMetrics;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.PolicyFiles;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.rl.PolicyRun;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.Tensor;

/**
 * MiniMind2's SPO: {@code -log p * advantage + beta * k3} with one value for all prompts, as {@code
 * --compat minimind2} asks for it.
 *
 * @param policy what learns
 * @param beta weight of the divergence from the reference
 * @param tracker of the value
 * @param ranks whose answers the tracker learns from; MiniMind's learns from one rank's
 * @param data prompts
 * @param outputName of the weights
 * @param chat where the prompts come from, or null if they are recorded
 */
record MiniMindSpoRun(
    Policy policy,
    double beta,
    MiniMindTracker tracker,
    RankSums ranks,
    TrainingData<PromptBatch> data,
    String outputName,
    ChatFiles chat)
    implements PolicyRun {
  private static final double LIMIT = 5;
  private static final String TRACKER = "tracker";

  static MiniMindSpoRun open(SpoConfig config, TrainingContext context) {
    var files =
        PolicyFiles.open(
            config.data(), config.answers(), config.start(), config.training(), context);
    return new MiniMindSpoRun(
        files.policy(),
        config.beta(),
        new MiniMindTracker(),
        context.ranks(),
        files.data(),
        files.outputName(),
        files.chat());
  }

  @Override
  public boolean startsAtPeak() {
    return true;
  }

  @Override
  public Iterator<StepLoss> losses(PromptBatch batch) {
    var answers = policy.source().sample(batch, Drawing.of(1));
    var reference = policy.reference(answers.rollout()); // [N, R]
    return Stream.generate(() -> loss(answers, reference)).limit(1).iterator();
  }

  private StepLoss loss(ScoredRollout answers, Tensor reference) {
    double baseline = tracker.baseline();
    double value = tracker.belief().value();
    double[] known =
        Arrays.stream(answers.rewards())
            .map(reward -> Math.clamp(reward - baseline, -LIMIT, LIMIT))
            .toArray();
    var mask = answers.mask(); // [N, R]
    var advantages = Tensor.of(known, known.length, 1).to(mask.device(), mask.dtype()); // [N, 1]
    var said = policy.now(answers.rollout());
    var now = said.values(); // [N, R]
    var divergence = PolicyMath.k3(now, reference);
    var losses = divergence.mul(beta).sub(now.mul(advantages)); // [N, R]
    double kept = learn(answers, now.detach().mul(mask).sum().item());
    int weight = answers.countedAnswers();
    var metrics =
        new MeanMetrics(weight, decoder().device())
            .put("reward", answers.meanReward())
            .put("value", value)
            .put("rho", kept)
            .put("kl", PolicyMath.mean(divergence, mask))
            .put("response_length", answers.meanLength())
            .put("cut_share", answers.cutShare());
    var step =
        new StepLoss(
            PolicyMath.rowMeans(losses, mask).sum(),
            weight,
            answers.countedTokens(),
            answers.readTokens(),
            metrics.means());
    return NextToken.withBalance(step, said.pass());
  }

  /** From the answers of all ranks, so that the tracker is the same on each. */
  private double learn(ScoredRollout answers, double logProbs) {
    int own = answers.countedAnswers();
    double[] all = ranks.sum(own, answers.meanReward() * own, answers.countedTokens(), logProbs);
    return tracker.learn(all[1] / all[0], all[3] / all[2]);
  }

  @Override
  public Map<String, String> state() {
    return Map.of(TRACKER, tracker.text());
  }

  @Override
  public void restore(Map<String, String> state) {
    tracker.read(state.get(TRACKER));
  }
}
