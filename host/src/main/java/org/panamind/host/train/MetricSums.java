package org.panamind.host.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.Tensor;

/** Named sums over micro-batches and ranks, which become means in the end. */
final class MetricSums {
  private final Map<String, Double> sums = new LinkedHashMap<>();

  /**
   * Adds a loss's metrics. One with nothing to learn from only says what metrics there are, so that
   * all ranks have the same.
   */
  void add(StepLoss loss) {
    loss.metrics().forEach((name, sum) -> add(name, sum, loss.weight()));
  }

  /** Adds one, of which nothing counts when the weight is 0. */
  void add(String name, Tensor sum, double weight) {
    sums.merge(name, weight == 0 ? 0 : sum.item(), Double::sum);
  }

  /** Makes them those of all ranks together, which have the same names in orders of their own. */
  void reduce(Ranks ranks) {
    if (sums.isEmpty()) return;
    var names = sums.keySet().stream().sorted().toList();
    double[] all = ranks.sum(names.stream().mapToDouble(sums::get).toArray());
    for (int i = 0; i < all.length; i++) sums.put(names.get(i), all[i]);
  }

  /** Each over the weight; 0 where nothing counted. */
  Map<String, Double> means(double weight) {
    var means = new LinkedHashMap<String, Double>();
    sums.forEach((name, sum) -> means.put(name, weight == 0 ? 0 : sum / weight));
    return means;
  }

  void clear() {
    sums.clear();
  }
}
