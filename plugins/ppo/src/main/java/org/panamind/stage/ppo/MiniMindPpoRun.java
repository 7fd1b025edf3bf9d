package org.panamind.stage.ppo;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.model.Decoder;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.MeanMetrics;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.PolicyFiles;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.rl.PolicyRun;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.rl.TokenLogProbs;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;

/**
 * MiniMind2's PPO, as {@code --compat minimind2} asks for it: one ratio an answer, to an old actor
 * that is a copy of every few batches; the advantage is the reward less the critic's value of the
 * last token; one update a batch; {@code log p - log q} of the reference in the loss.
 *
 * @param policy what learns
 * @param old the copy; closed with the run
 * @param critic what expects; closed with the run
 * @param config what the user asked for
 * @param batches since the epoch began
 * @param data prompts
 * @param outputName of the weights
 * @param chat where the prompts come from, or null if they are recorded
 */
record MiniMindPpoRun(
    Policy policy,
    Decoder old,
    Critic critic,
    PpoConfig config,
    BatchCount batches,
    TrainingData<PromptBatch> data,
    String outputName,
    ChatFiles chat)
    implements PolicyRun {
  /** Unlike MiniMind's other stages this one does not see the padding before a prompt. */
  static final TokenLogProbs.Form FORM = new TokenLogProbs.Form(1, false);

  private static final String BATCHES = "batches";

  /** Batches of this epoch, this one counted. */
  static final class BatchCount {
    private long count;
  }

  static MiniMindPpoRun open(PpoConfig config, TrainingContext context) {
    var training = config.training();
    var files =
        PolicyFiles.open(config.data(), config.answers(), config.start(), training, context);
    return new MiniMindPpoRun(
        files.policy().judgedBy(FORM),
        files.another(config.start(), training, context),
        Critic.of(files.another(config.start(), training, context), true),
        config,
        new BatchCount(),
        files.data(),
        files.outputName(),
        files.chat());
  }

  @Override
  public List<ParameterGroup> groups() {
    return List.of(
        new ParameterGroup("model", decoder().parameters(), 1),
        new ParameterGroup("critic", critic.parameters(), config.criticRate()));
  }

  @Override
  public boolean startsAtPeak() {
    return true;
  }

  @Override
  public void training(boolean on) {
    decoder().training(on);
    critic.decoder().training(on);
  }

  @Override
  public Iterator<StepLoss> losses(PromptBatch batch) {
    if (++batches.count % config.updateOldActorFreq() == 0) copyActor();
    if (batch.next().position() == 0) batches.count = 0;
    var answers = policy.source().sample(batch, Drawing.of(1));
    var reference = sums(policy.reference(answers.rollout()), answers); // [N]
    return Stream.generate(() -> loss(answers, reference)).limit(1).iterator();
  }

  private StepLoss loss(ScoredRollout answers, Tensor reference) {
    var rollout = answers.rollout();
    var rewards = Tensor.of(answers.rewards(), answers.size());
    rewards = rewards.to(reference.device(), reference.dtype()); // [N]
    var values = lastValues(answers); // [N]
    var advantages = rewards.sub(values.detach());
    var said = policy.now(rollout);
    var now = sums(said.values(), answers); // [N]
    Tensor before;
    try (var no = NoGrad.enter()) {
      before = sums(rollout.logProbsUnder(old, rollout.forward(old), 1), answers); // [N]
    }
    var actor =
        PolicyMath.clippedLoss(
            now.sub(before).exp(), advantages, config.clipEpsilon(), config.clipEpsilon());
    var error = values.sub(rewards).square(); // [N]
    var losses = actor.add(error, config.vfCoef()).add(now.sub(reference), config.klCoef());
    int weight = answers.countedAnswers();
    var counted = answers.answerMask(); // [N]
    var metrics =
        new MeanMetrics(weight, decoder().device())
            .put("reward", answers.meanReward())
            .put("actor_loss", PolicyMath.mean(actor, counted))
            .put("critic_loss", PolicyMath.mean(error, counted))
            .put("kl", PolicyMath.mean(PolicyMath.k1(now, reference), counted))
            .put("kl_moved", PolicyMath.mean(PolicyMath.k1(now, before), counted))
            .put("response_length", answers.meanLength())
            .put("cut_share", answers.cutShare());
    var step =
        new StepLoss(
            losses.mul(counted).sum(),
            weight,
            answers.countedTokens(),
            answers.readTokens(),
            metrics.means());
    return NextToken.withBalance(step, said.pass());
  }

  private static Tensor sums(Tensor logProbs, ScoredRollout answers) {
    return logProbs.mul(answers.mask()).sum(1, false);
  }

  /** What the critic says of each answer's last token, which it sees. */
  private Tensor lastValues(ScoredRollout answers) {
    long[] lengths = answers.rollout().lengths();
    var places = Tensor.of(lengths, lengths.length, 1).to(decoder().device());
    return critic.values(answers.rollout()).gather(1, places).squeeze(1);
  }

  private void copyActor() {
    try (var no = NoGrad.enter()) {
      old.parameters().forEach((name, kept) -> kept.copy_(decoder().parameters().get(name)));
    }
  }

  @Override
  public Map<String, Tensor> stateTensors() {
    return old.parameters();
  }

  @Override
  public Map<String, String> state() {
    return Map.of(BATCHES, String.valueOf(batches.count));
  }

  @Override
  public void restore(Map<String, String> state) {
    batches.count = Long.parseLong(state.get(BATCHES));
  }

  @Override
  public void close() {
    critic.close();
    old.close();
    PolicyRun.super.close();
  }
}
