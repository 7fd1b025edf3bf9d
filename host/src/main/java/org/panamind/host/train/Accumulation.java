package org.panamind.host.train;

import java.util.Map;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.train.StepLoss;

/**
 * The micro-batches of one update, over all ranks. Their losses go backward before the sum of all
 * weights is known; each is divided by a nominal weight, which keeps gradients of ordinary size,
 * and {@link #correction} mends the rest when the update is taken. The nominal weight is a power of
 * two, so that it leaves no trace in the result, and the same on all ranks.
 */
final class Accumulation {
  private static final String SUM = "sum";
  private static final String MEAN = "mean";

  private final int size;
  private final boolean meanOfMeans;
  private final int world;

  private double nominal;
  private int count;
  private int empty;
  private int filled;
  private double weight;
  private double lossSum;
  private double meanSum;
  private final MetricSums losses = new MetricSums();
  private long supervised;
  private long tokens;
  private double flops;
  private final MetricSums metrics = new MetricSums();

  /**
   * For updates of {@code size} micro-batches on each rank.
   *
   * @param meanOfMeans whether each micro-batch counts alike, whatever its weight
   */
  Accumulation(int size, boolean meanOfMeans, int world) {
    this.size = size;
    this.meanOfMeans = meanOfMeans;
    this.world = world;
  }

  /** What a micro-batch's summed loss is multiplied by before it goes backward. */
  double share(StepLoss loss, Ranks ranks) {
    if (nominal == 0) {
      double first = ranks.sum(loss.weight())[0];
      if (first > 0) nominal = Math.scalb(1.0, Math.getExponent(first));
    }
    if (loss.weight() == 0) return 0;
    return 1 / (meanOfMeans ? loss.weight() * size * world : nominal * size);
  }

  /** Counts a micro-batch in, without waiting for the device. */
  void add(StepLoss loss, double flopsPerToken) {
    count++;
    supervised += loss.supervised();
    tokens += loss.tokens();
    flops += flopsPerToken * loss.tokens();
    metrics.add(loss);
    if (loss.weight() == 0) {
      empty++;
      return;
    }
    filled++;
    weight += loss.weight();
    losses.addTimes(SUM, loss.sum(), 1);
    losses.addTimes(MEAN, loss.sum(), 1 / loss.weight());
  }

  /** Makes all figures those of all ranks together. */
  void reduce(Ranks ranks) {
    lossSum = losses.get(SUM);
    meanSum = losses.get(MEAN);
    double[] all = ranks.sum(weight, lossSum, meanSum, supervised, tokens, flops, empty, filled);
    weight = all[0];
    lossSum = all[1];
    meanSum = all[2];
    supervised = (long) all[3];
    tokens = (long) all[4];
    flops = all[5];
    empty = (int) all[6];
    filled = (int) all[7];
    metrics.reduce(ranks);
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether the next micro-batch is the last. */
  boolean lacksOne() {
    return count == size - 1;
  }

  /** Makes the collected gradient that of the mean loss. */
  double correction() {
    if (meanOfMeans || weight == 0) return 1;
    return nominal * size / weight;
  }

  double meanLoss() {
    if (weight == 0) return 0;
    return meanOfMeans ? meanSum / filled : lossSum / weight;
  }

  Map<String, Double> meanMetrics() {
    return metrics.means();
  }

  long supervised() {
    return supervised;
  }

  long tokens() {
    return tokens;
  }

  double weight() {
    return weight;
  }

  double flops() {
    return flops;
  }

  int emptyMicroBatches() {
    return empty;
  }

  void clear() {
    count = empty = filled = 0;
    weight = lossSum = meanSum = flops = 0;
    supervised = tokens = 0;
    losses.clear();
    metrics.clear();
  }
}
