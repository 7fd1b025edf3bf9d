package org.panamind.stage.ppo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.PolicyFiles;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.rl.PolicyRun;
import org.panamind.stage.rl.RewardSpread;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.Autocast;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347) token by token: each token
 * is an action, the reward comes with the last one, and a critic of its own weights says what was
 * to be expected. A batch of answers is learned from in several passes of small parts.
 *
 * @param policy what learns
 * @param critic what expects; closed with the run
 * @param config what the user asked for
 * @param spread whether rewards say anything yet; until then only the critic learns
 * @param ranks that share a batch
 * @param share this rank's place among them
 * @param data prompts
 * @param outputName of the weights
 * @param chat where the prompts come from
 */
record PpoRun(
    Policy policy,
    Critic critic,
    PpoConfig config,
    RewardSpread spread,
    RankSums ranks,
    RankShare share,
    TrainingData<PromptBatch> data,
    String outputName,
    ChatFiles chat)
    implements PolicyRun {
  private static final String SPREAD = "reward_spread";

  static PpoRun open(PpoConfig config, TrainingContext context) {
    var training = config.training();
    var files =
        PolicyFiles.open(config.data(), config.answers(), config.start(), training, context);
    return new PpoRun(
        files.policy(),
        Critic.of(files.another(config.start(), training, context), false),
        config,
        new RewardSpread(),
        context.ranks(),
        context.share(),
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
  public void training(boolean on) {
    decoder().training(on);
    critic.decoder().training(on);
  }

  @Override
  public int lossesPerBatch() {
    return config.ppoEpochs() * config.miniBatches();
  }

  @Override
  public Iterator<StepLoss> losses(PromptBatch batch) {
    var answers = policy.source().sample(batch, Drawing.of(config.numGenerations()));
    spread.see(answers, ranks, share);
    var rollout = answers.rollout();
    var before = policy.before(rollout); // [N, R]
    var reference = policy.reference(rollout); // [N, R]
    var values = values(rollout); // [N, R + 1]
    var mask = answers.mask(); // [N, R]
    var episodes =
        Episodes.of(
            new Episodes.Course(
                rewards(answers, PolicyMath.k1(before, reference).toDoubleArray()),
                values.toDoubleArray(),
                rollout.lengths(),
                ended(rollout.ended())),
            config.gamma(),
            config.lambda());
    double[] advantages = episodes.whitened(mask.toFloatArray(), ranks);
    // Until then the policy is the reference, and their divergence rounding that would be learned.
    if (!spread.isAny()) advantages = new double[advantages.length];
    double klCoef = spread.isAny() ? config.klCoef() : 0;
    var known =
        new PpoLoss.Known(
            before,
            reference,
            values.narrow(1, 0, rollout.responseWidth()).contiguous(),
            like(mask, advantages),
            like(mask, episodes.returns()),
            mask,
            klCoef);
    var loss = new PpoLoss(policy, critic, config, ranks, answers, known);
    return parts(batch, answers.size()).stream().map(loss::of).iterator();
  }

  private Tensor values(Rollout rollout) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter();
        var cast = Autocast.enter(decoder().device(), policy.precision())) {
      return scope.keep(critic.values(rollout));
    }
  }

  /** [N, R] row-major: the divergence's price at each token, the score at the last. */
  double[] rewards(ScoredRollout answers, double[] divergence) {
    var rollout = answers.rollout();
    int width = rollout.responseWidth();
    long[] lengths = rollout.lengths();
    double price = config.klForm() == Divergence.REWARD ? config.klCoef() : 0;
    var rewards = new double[divergence.length];
    for (int n = 0; n < lengths.length; n++) {
      for (int t = 0; t < lengths[n]; t++)
        rewards[n * width + t] = -price * divergence[n * width + t];
      boolean scored = config.scoreCut() || rollout.ended().get(n);
      if (scored) rewards[n * width + (int) lengths[n] - 1] += answers.rewards()[n];
    }
    return rewards;
  }

  /** An answer that was cut off and got its score has come to its end. */
  private boolean[] ended(List<Boolean> ended) {
    var all = new boolean[ended.size()];
    for (int n = 0; n < all.length; n++) all[n] = ended.get(n) || config.scoreCut();
    return all;
  }

  private static Tensor like(Tensor shape, double[] values) {
    return Tensor.of(values, shape.shape()).to(shape.device(), shape.dtype());
  }

  /**
   * Rows of each part of each pass; as many parts for a batch that is not full, some then empty.
   */
  private List<long[]> parts(PromptBatch batch, int rows) {
    var random =
        new Random(
            config.training().seed() ^ (31 * batch.next().epoch() + batch.next().position()));
    var parts = new ArrayList<long[]>();
    int count = config.miniBatches();
    for (int pass = 0; pass < config.ppoEpochs(); pass++) {
      var order = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
      Collections.shuffle(order, random);
      for (int part = 0; part < count; part++)
        parts.add(
            order.subList(rows * part / count, rows * (part + 1) / count).stream()
                .mapToLong(Integer::longValue)
                .toArray());
    }
    return parts;
  }

  @Override
  public Map<String, String> state() {
    return Map.of(SPREAD, spread.text());
  }

  @Override
  public void restore(Map<String, String> state) {
    spread.read(state.get(SPREAD));
  }

  @Override
  public void close() {
    critic.close();
    PolicyRun.super.close();
  }
}
