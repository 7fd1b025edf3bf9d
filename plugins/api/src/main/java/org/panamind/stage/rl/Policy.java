package org.panamind.stage.rl;

import java.util.Iterator;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.panamind.model.Decoder;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * A decoder that learns from its own answers.
 *
 * @param decoder what learns; not closed with this
 * @param reference what it came from
 * @param source of answers
 * @param reward that scores them, or null if they are recorded
 * @param form under which distribution tokens are judged
 * @param precision of matrix products
 */
public record Policy(
    Decoder decoder,
    Decoder reference,
    RolloutSource source,
    Reward reward,
    TokenLogProbs.Form form,
    DType precision)
    implements AutoCloseable {
  /** The same policy, its tokens judged in another form. */
  public Policy judgedBy(TokenLogProbs.Form other) {
    return new Policy(decoder, reference, source, reward, other, precision);
  }

  /**
   * The losses of several updates on the same answers, each computed when it is asked for.
   *
   * @param loss of the log-probabilities as the weights are, with a gradient, and as they were when
   *     they drew, without; [N, R] each. With one update these are equal: the ratio is 1, its
   *     gradient is not 0
   */
  public Iterator<StepLoss> updates(
      Rollout rollout, int count, BiFunction<Tensor, Tensor, StepLoss> loss) {
    var before = count == 1 ? null : before(rollout); // [N, R]
    return Stream.generate(
            () -> {
              var said = now(rollout);
              var old = before == null ? said.values().detach() : before;
              return NextToken.withBalance(loss.apply(said.values(), old), said.pass());
            })
        .limit(count)
        .iterator();
  }

  /** Log-probabilities as the weights are now, with a gradient. */
  public TokenLogProbs now(Rollout rollout) {
    return TokenLogProbs.of(decoder, rollout, form);
  }

  /**
   * Log-probabilities under the weights that drew, to be called before they change. In less than
   * float32 they are computed as those of {@link #now} are, since what drawing saw differs from
   * that by more than an update does.
   *
   * @return [N, R] without a gradient
   */
  public Tensor before(Rollout rollout) {
    return precision == DType.FLOAT32 ? rollout.fullLogProbs() : fixed(decoder, rollout);
  }

  /**
   * Log-probabilities of answers that need not be the policy's own, as the weights are now.
   *
   * @return [N, R] without a gradient
   */
  public Tensor judged(Rollout rollout) {
    return fixed(decoder, rollout);
  }

  /**
   * Log-probabilities under the reference.
   *
   * @return [N, R] without a gradient
   */
  public Tensor reference(Rollout rollout) {
    return fixed(reference, rollout);
  }

  private Tensor fixed(Decoder other, Rollout rollout) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter();
        var cast = Autocast.enter(other.device(), precision)) {
      return scope.keep(TokenLogProbs.of(other, rollout, form).values());
    }
  }

  /** Frees reference and reward. */
  @Override
  public void close() {
    try (reward) {
      reference.close();
    }
  }
}
