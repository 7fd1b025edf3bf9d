package org.panamind.stage.rl;

import java.util.Arrays;
import org.panamind.stage.train.RankSums;

/**
 * Mean and deviation of figures that lie on several ranks.
 *
 * @param count how many figures there are
 * @param mean of them, 0 if there is none
 * @param squares summed squared distances from the mean
 */
public record RankMoments(double count, double mean, double squares) {
  private static final double EPSILON = 1e-8;

  /** Of all ranks' figures; called by all of them, each with as many as it has. */
  public static RankMoments of(double[] own, RankSums ranks) {
    double[] all = ranks.sum(own.length, Arrays.stream(own).sum());
    double mean = all[1] / Math.max(1, all[0]);
    double squares = ranks.sum(Arrays.stream(own).map(v -> (v - mean) * (v - mean)).sum())[0];
    return new RankMoments(all[0], mean, squares);
  }

  /** Standard deviation, with Bessel's correction; 0 for fewer than two figures. */
  public double sampleDeviation() {
    return count < 2 ? 0 : Math.sqrt(squares / (count - 1));
  }

  /** A figure on the scale on which all have mean 0 and standard deviation 1. */
  public double normalised(double figure) {
    return (figure - mean) / (Math.sqrt(squares / Math.max(1, count)) + EPSILON);
  }
}
