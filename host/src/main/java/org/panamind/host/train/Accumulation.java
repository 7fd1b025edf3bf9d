package org.panamind.host.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.stage.train.StepLoss;

/**
 * The micro-batches of one update. Their losses go backward before the sum of all weights is known;
 * each is divided by the first one's weight, which keeps gradients of ordinary size, and {@link
 * #correction} mends the rest when the update is taken.
 */
final class Accumulation {
  private final int size;
  private final boolean meanOfMeans;

  private int count;
  private int empty;
  private double firstWeight;
  private double weight;
  private double lossSum;
  private double meanSum;
  private long tokens;
  private double flops;
  private final Map<String, Double> metrics = new LinkedHashMap<>();

  Accumulation(int size, boolean meanOfMeans) {
    this.size = size;
    this.meanOfMeans = meanOfMeans;
  }

  /** What a micro-batch's summed loss is multiplied by before it goes backward. */
  double share(StepLoss loss) {
    if (meanOfMeans) return 1 / (loss.weight() * size);
    if (firstWeight == 0) firstWeight = loss.weight();
    return 1 / (firstWeight * size);
  }

  /** Counts a micro-batch in. Reads its figures from the device. */
  void add(StepLoss loss, double flopsPerToken) {
    count++;
    tokens += loss.tokens();
    flops += flopsPerToken * loss.tokens();
    if (loss.weight() == 0) {
      empty++;
      return;
    }
    double sum = loss.sum().item();
    weight += loss.weight();
    lossSum += sum;
    meanSum += sum / loss.weight();
    loss.metrics().forEach((name, value) -> metrics.merge(name, value.item(), Double::sum));
  }

  boolean isEmpty() {
    return count == 0;
  }

  boolean isFull() {
    return count == size;
  }

  /** Makes the collected gradient that of the mean loss. */
  double correction() {
    if (meanOfMeans || weight == 0) return 1;
    return firstWeight * size / weight;
  }

  double meanLoss() {
    if (weight == 0) return 0;
    return meanOfMeans ? meanSum / (count - empty) : lossSum / weight;
  }

  Map<String, Double> meanMetrics() {
    var means = new LinkedHashMap<String, Double>();
    metrics.forEach((name, sum) -> means.put(name, sum / weight));
    return means;
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
    count = empty = 0;
    firstWeight = weight = lossSum = meanSum = flops = 0;
    tokens = 0;
    metrics.clear();
  }
}
