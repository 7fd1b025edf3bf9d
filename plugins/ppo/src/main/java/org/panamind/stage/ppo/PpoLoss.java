package org.panamind.stage.ppo;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.rl.MeanMetrics;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.rl.TokenLogProbs;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.DType;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/** The losses of parts of a batch of answers, one after the other. */
final class PpoLoss {
  private final Policy policy;
  private final Critic critic;
  private final PpoConfig config;
  private final RankSums ranks;
  private final ScoredRollout answers;
  private final Known known;
  private boolean left;

  /**
   * What does not change while a batch is learned from; the tensors [N, R] float32.
   *
   * @param before log-probabilities under the weights that drew
   * @param reference under the reference
   * @param values what the critic expected
   * @param advantages whitened
   * @param returns what it should have expected
   * @param mask 1 on what counts
   * @param klCoef weight of the divergence from the reference in the loss
   */
  record Known(
      Tensor before,
      Tensor reference,
      Tensor values,
      Tensor advantages,
      Tensor returns,
      Tensor mask,
      double klCoef) {
    Known rows(Tensor index) {
      return new Known(
          before.indexSelect(0, index),
          reference.indexSelect(0, index),
          values.indexSelect(0, index),
          advantages.indexSelect(0, index),
          returns.indexSelect(0, index),
          mask.indexSelect(0, index),
          klCoef);
    }
  }

  PpoLoss(
      Policy policy,
      Critic critic,
      PpoConfig config,
      RankSums ranks,
      ScoredRollout answers,
      Known known) {
    this.policy = policy;
    this.critic = critic;
    this.config = config;
    this.ranks = ranks;
    this.answers = answers;
    this.known = known;
  }

  /**
   * The loss of some answers. Once the policy has gone too far from the one that drew, this and all
   * further parts of the batch weigh nothing, on all ranks alike.
   *
   * @param rows of the batch, possibly none
   */
  StepLoss of(long[] rows) {
    if (left) return nothing();
    if (rows.length == 0) {
      leaveIfFar(Torch.zeros(DType.FLOAT32, known.mask.device()), 0);
      return nothing();
    }
    var rollout = answers.rollout().rows(rows);
    var part = known.rows(Tensor.of(rows).to(known.mask.device()));
    long tokens = counted(rows);
    var said = policy.now(rollout);
    var now = said.values(); // [n, R]
    var moved = PolicyMath.k3(now, part.before).mul(part.mask).sum().detach();
    if (leaveIfFar(moved, tokens)) return nothing();
    return loss(part, said, critic.values(rollout), tokens);
  }

  private StepLoss loss(Known part, TokenLogProbs said, Tensor values, long tokens) {
    var now = said.values();
    var ratio = now.sub(part.before).exp();
    var actor =
        PolicyMath.clippedLoss(ratio, part.advantages, config.clipEpsilon(), config.clipEpsilon());
    var expected = valueLoss(values.narrow(1, 0, part.mask.size(1)), part);
    var losses = actor.add(expected, config.vfCoef());
    switch (config.klForm()) {
      case REWARD -> {}
      case K2 -> losses = losses.add(PolicyMath.k2(now, part.reference), part.klCoef);
      case K3 -> losses = losses.add(PolicyMath.k3(now, part.reference), part.klCoef);
    }
    var sum = losses.mul(part.mask).sum();
    var clipped = ratio.sub(1).abs().gt(config.clipEpsilon()).to(DType.FLOAT32);
    var metrics =
        metrics(
            tokens,
            PolicyMath.mean(actor, part.mask),
            PolicyMath.mean(expected, part.mask),
            PolicyMath.mean(PolicyMath.k3(now, part.reference), part.mask),
            PolicyMath.mean(PolicyMath.k3(now, part.before), part.mask),
            PolicyMath.mean(clipped, part.mask));
    long read = answers.readTokens() * part.mask.size(0) / answers.size();
    var step = new StepLoss(sum, tokens, tokens, 2 * read, metrics);
    return NextToken.withBalance(step, said.pass());
  }

  /** Half the squared error, of the clipped value where that is larger, of each token. */
  private Tensor valueLoss(Tensor values, Known part) {
    double limit = config.clipValue();
    var clipped = part.values.add(values.sub(part.values).clamp(-limit, limit));
    return values.sub(part.returns).square().maximum(clipped.sub(part.returns).square()).div(2);
  }

  private boolean leaveIfFar(Tensor moved, double tokens) {
    if (config.targetKl() == 0) return false;
    double[] all = ranks.sum(moved.item(), tokens);
    left = all[0] > config.targetKl() * all[1];
    return left;
  }

  private long counted(long[] rows) {
    long[] lengths = answers.rollout().lengths();
    return Arrays.stream(rows)
        .filter(row -> answers.counted()[(int) row])
        .map(row -> lengths[(int) row])
        .sum();
  }

  /** Of the same metrics as a loss. */
  private StepLoss nothing() {
    var zero = Torch.zeros(DType.FLOAT32, known.mask.device());
    var metrics = new HashMap<>(metrics(0, zero, zero, zero, zero, zero));
    var experts = policy.decoder().config().experts();
    if (experts != null && experts.balanceWeight() > 0)
      metrics.put(NextToken.AUX_LOSS, new Mean(zero, 0));
    return new StepLoss(zero, 0, 0, 0, metrics);
  }

  private Map<String, Mean> metrics(
      long weight, Tensor actor, Tensor critic, Tensor kl, Tensor moved, Tensor clipped) {
    return new MeanMetrics(weight, known.mask.device())
        .put("reward", answers.meanReward())
        .put("actor_loss", actor)
        .put("critic_loss", critic)
        .put("kl", kl)
        .put("kl_moved", moved)
        .put("clipped_share", clipped)
        .put("response_length", answers.meanLength())
        .put("cut_share", answers.cutShare())
        .means();
  }
}
