package org.panamind.host.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/** Times of one piece of work on several sides. */
final class SideBySide {
  private SideBySide() {}

  /**
   * Medians, after a round to warm up. The sides take turns, so that what else the machine does
   * falls on all.
   *
   * @param sides each returns the seconds that the work took
   * @return seconds of each side
   */
  static double[] medians(int rounds, List<DoubleSupplier> sides) {
    var seconds = new double[sides.size()][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int side = 0; side < seconds.length; side++) {
        double taken = sides.get(side).getAsDouble();
        if (round >= 0) seconds[side][round] = taken;
      }
    }
    return Arrays.stream(seconds).mapToDouble(SideBySide::median).toArray();
  }

  static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
