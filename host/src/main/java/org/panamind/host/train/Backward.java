package org.panamind.host.train;

import java.util.Collection;
import java.util.Optional;
import org.panamind.host.ranks.Ranks;
import org.panamind.torch.GradientReducer;
import org.panamind.torch.Tensor;

/**
 * Backward passes whose gradients add up, on this rank until the last one of an update, which sums
 * them over all ranks while it runs.
 */
final class Backward implements AutoCloseable {
  private final Tensor someParameter;
  private final Optional<GradientReducer> reducer;

  /**
   * For these parameters, the same on all ranks.
   *
   * @param parameters each once, borrowed
   */
  Backward(Collection<Tensor> parameters, Ranks ranks) {
    this.someParameter = parameters.iterator().next();
    this.reducer = ranks.reducer(parameters);
  }

  /**
   * Collects a loss's gradients.
   *
   * @param loss one element; null when this rank has nothing to learn from
   * @param completes whether the update is complete with it, on all ranks alike
   */
  void run(Tensor loss, boolean completes) {
    if (reducer.isPresent() && completes) {
      // The others wait for this rank's part, and be it zero.
      reducer.get().backward(loss == null ? nothing() : loss, true);
    } else if (loss != null) {
      loss.backward();
    }
  }

  /** Zero, with a graph that adds zero to one parameter's gradient. */
  private Tensor nothing() {
    return someParameter.flatten(0, -1).narrow(0, 0, 0).sum();
  }

  @Override
  public void close() {
    reducer.ifPresent(GradientReducer::close);
  }
}
