package org.panamind.stage.reward;

import java.util.List;

/** Says what replies are worth. Called from one thread at a time. */
@FunctionalInterface
public interface Reward extends AutoCloseable {
  /**
   * Scores replies. The same reply always has the same score, since scores are remembered.
   *
   * @param replies at least one
   * @return a finite number for each, in their order
   * @throws org.panamind.stage.StageException if one cannot be scored; a score is never made up
   */
  double[] score(List<Reply> replies);

  /** Frees what {@link RewardModel#open} took; nothing by default. */
  @Override
  default void close() {}
}
