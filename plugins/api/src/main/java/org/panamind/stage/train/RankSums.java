package org.panamind.stage.train;

import java.util.Arrays;
import org.panamind.dataset.order.RankShare;

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

  /**
   * What each rank says, on all of them.
   *
   * @param share this rank's place
   * @param own this rank's values, on each rank as many as it likes
   * @return each rank's, in their order
   */
  default double[][] gather(RankShare share, double... own) {
    var counts = new double[share.world()];
    counts[share.rank()] = own.length;
    counts = sum(counts);
    int[] starts = new int[counts.length + 1];
    for (int rank = 0; rank < counts.length; rank++)
      starts[rank + 1] = starts[rank] + (int) counts[rank];
    var all = new double[starts[counts.length]];
    System.arraycopy(own, 0, all, starts[share.rank()], own.length);
    double[] together = sum(all);
    var each = new double[counts.length][];
    for (int rank = 0; rank < each.length; rank++)
      each[rank] = Arrays.copyOfRange(together, starts[rank], starts[rank + 1]);
    return each;
  }
}
