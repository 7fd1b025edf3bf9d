package org.panamind.host.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.torch.AdamW;
import org.panamind.torch.Gradients;
import org.panamind.torch.Tensor;

/**
 * One AdamW for each parameter group, with clipping by global norm (Pascanu et al. 2013,
 * arXiv:1211.5063) and a guard: gradients that are not finite never reach the weights.
 */
final class Optimizers implements AutoCloseable {
  /** As torch's clip_grad_norm_ has it. */
  private static final double CLIP_EPS = 1e-6;

  private record Entry(ParameterGroup group, AdamW optimizer) {}

  /**
   * What an update did.
   *
   * @param gradNorm L2 norm before clipping, over all groups
   * @param applied whether the weights moved
   */
  record Update(double gradNorm, boolean applied) {
    /** No micro-batch had anything to learn from. */
    static final Update NOTHING = new Update(0, true);

    /** The loss was not a number. */
    static final Update REFUSED = new Update(Double.NaN, false);
  }

  private final List<Entry> entries = new ArrayList<>();
  private final double clip;

  Optimizers(List<ParameterGroup> groups, double weightDecay, double clip) {
    var defaults = AdamW.Settings.DEFAULT;
    var settings =
        new AdamW.Settings(defaults.beta1(), defaults.beta2(), defaults.eps(), weightDecay);
    this.clip = clip;
    try {
      for (var group : groups)
        entries.add(new Entry(group, new AdamW(group.parameters(), settings)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Moves the weights by the gradients collected so far and drops those.
   *
   * @param scale makes the collected gradients those of the mean loss
   */
  Update step(double learningRate, double scale) {
    double[] norms = new double[entries.size()];
    double squares = 0;
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Gradients.norm(entries.get(i).optimizer.parameters(), scale);
      squares += norms[i] * norms[i];
    }
    double total = Math.sqrt(squares);
    boolean finite = Double.isFinite(total);
    if (finite) {
      for (int i = 0; i < norms.length; i++) {
        double shrink = clip > 0 ? Math.min(1, clip / (norms[i] + CLIP_EPS)) : 1;
        var entry = entries.get(i);
        entry.optimizer.step(learningRate * entry.group.rate(), scale * shrink);
      }
    }
    clear();
    return new Update(total, finite);
  }

  /** Drops the collected gradients. */
  void clear() {
    for (var entry : entries) Gradients.clear(entry.optimizer.parameters());
  }

  /** Weights and moments by unique names; not copies. */
  Map<String, Tensor> weights() {
    var all = new LinkedHashMap<String, Tensor>();
    for (var entry : entries)
      entry.group.parameters().forEach((name, t) -> all.put(entry.group.name() + "/" + name, t));
    return all;
  }

  Map<String, Tensor> moments() {
    var all = new LinkedHashMap<String, Tensor>();
    for (var entry : entries) {
      entry
          .optimizer
          .state()
          .forEach((name, tensor) -> all.put(entry.group.name() + "/" + name, tensor));
    }
    return all;
  }

  long stepCount() {
    return entries.get(0).optimizer.stepCount();
  }

  /** Says how many steps the moments have seen, after they were read in place. */
  void restoreStepCount(long steps) {
    for (var entry : entries) entry.optimizer.restore(entry.optimizer.state(), steps);
  }

  @Override
  public void close() {
    entries.forEach(entry -> entry.optimizer.close());
  }
}
