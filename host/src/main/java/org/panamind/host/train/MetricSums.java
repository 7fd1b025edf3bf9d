package org.panamind.host.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.DType;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * Named sums over micro-batches and ranks, which become means in the end. What a micro-batch adds
 * stays on its device until the sums are asked for, so that the host waits for the device once an
 * update and not once a micro-batch.
 */
final class MetricSums {
  private final Map<String, Double> sums = new LinkedHashMap<>();
  private final Map<String, Double> weights = new HashMap<>();
  private final List<Added> added = new ArrayList<>();

  /**
   * What was not read yet.
   *
   * @param name of its sum
   * @param value on its device, kept until it is read
   * @param factor multiplies it
   */
  private record Added(String name, Tensor value, double factor) {}

  /** Adds a loss's metrics. */
  void add(StepLoss loss) {
    loss.metrics().forEach(this::add);
  }

  /**
   * Adds a part of a mean. One with weight 0 only says that there is such a mean, so that all ranks
   * have the same.
   */
  void add(String name, Mean part) {
    weights.merge(name, part.weight(), Double::sum);
    addTimes(name, part.sum(), part.weight() == 0 ? 0 : 1);
  }

  /** Adds one times a factor; with 0 it is not looked at. */
  void addTimes(String name, Tensor sum, double factor) {
    sums.putIfAbsent(name, 0.0);
    if (factor == 0) return;
    added.add(new Added(name, sum.detach().to(DType.FLOAT32).keepForever(), factor));
  }

  /** Takes what was added into the sums, in its order. */
  private void read() {
    if (added.isEmpty()) return;
    try (var scope = TensorScope.open()) {
      double[] values = Torch.stack(added.stream().map(Added::value).toList(), 0).toDoubleArray();
      for (int i = 0; i < values.length; i++)
        sums.merge(added.get(i).name, values[i] * added.get(i).factor, Double::sum);
    }
    forget();
  }

  private void forget() {
    added.forEach(each -> each.value.close());
    added.clear();
  }

  /** A sum as it stands; 0 where nothing was added. */
  double get(String name) {
    read();
    return sums.getOrDefault(name, 0.0);
  }

  /** Makes them those of all ranks together, which have the same names in orders of their own. */
  void reduce(Ranks ranks) {
    read();
    if (sums.isEmpty()) return;
    var names = sums.keySet().stream().sorted().toList();
    double[] all =
        ranks.sum(
            Stream.of(sums, weights)
                .flatMapToDouble(each -> names.stream().mapToDouble(n -> each.getOrDefault(n, 0.0)))
                .toArray());
    for (int i = 0; i < names.size(); i++) {
      sums.put(names.get(i), all[i]);
      weights.put(names.get(i), all[names.size() + i]);
    }
  }

  /** Each sum over its weight; those of which nothing counted are left out. */
  Map<String, Double> means() {
    read();
    var means = new LinkedHashMap<String, Double>();
    sums.forEach(
        (name, sum) -> {
          if (weights.get(name) > 0) means.put(name, sum / weights.get(name));
        });
    return means;
  }

  void clear() {
    forget();
    sums.clear();
    weights.clear();
  }
}
