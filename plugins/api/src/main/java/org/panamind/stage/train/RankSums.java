package org.panamind.stage.train;

/** Sums figures over the processes that train together. */
@FunctionalInterface
public interface RankSums {
  /** Of a process that trains alone. */
  RankSums ALONE = own -> own;

  /**
   * Sums over all ranks. All of them must call it, equally often and with equally many values:
   * whether to call it may depend on nothing that differs among them.
   *
   * @param own this rank's values
   * @return the sums, the same on each rank, bit for bit
   */
  double[] sum(double... own);
}
