package org.panamind.host.ranks;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.panamind.dataset.order.RankShare;
import org.panamind.torch.GradientReducer;
import org.panamind.torch.Tensor;

/**
 * The processes that train one model together. Every method that speaks to the others is called by
 * all ranks, in the same order: whether to call one may depend on nothing that differs among them.
 *
 * <p>A failure is a {@link org.panamind.torch.DistributedException}; after one, the process ends.
 */
public sealed interface Ranks extends AutoCloseable permits OneRank, JoinedRanks {
  /** This rank's number and how many there are. */
  RankShare share();

  /** Whether this is the rank that writes and prints. */
  default boolean isFirst() {
    return share().rank() == 0;
  }

  /** How often these ranks were started before. */
  int attempt();

  /** The same for all attempts of one launch; empty when nobody gave one. */
  String runId();

  /** The sums over all ranks, the same on each, bit for bit. */
  double[] sum(double... values);

  /** Whether it holds on some rank. */
  default boolean any(boolean here) {
    return sum(here ? 1 : 0)[0] > 0;
  }

  /** Returns when all ranks have called it. */
  default void meet() {
    sum(0);
  }

  /** Rank 0's text, on all ranks. */
  String fromFirst(String text);

  /** The tensor of each rank, in their order; owned by the current scope. CPU tensors. */
  Tensor[] gather(Tensor tensor);

  /** Copies one rank's elements into the tensors of all others. */
  void broadcast(Collection<Tensor> tensors, int root);

  /**
   * Fails on all ranks when not all hold the same, bit for bit.
   *
   * @param what they are, in the plural, for the message
   */
  void requireEqual(String what, Map<String, Tensor> tensors);

  /** What sums these parameters' gradients over the ranks during the backward; none for one. */
  Optional<GradientReducer> reducer(Collection<Tensor> parameters);

  /** Says which step is being computed, for messages. */
  void step(long step);

  /** Leaves the others; for a run that has ended well. After a failure the process just ends. */
  @Override
  void close();
}
