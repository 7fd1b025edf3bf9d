package org.panamind.torch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.torch.ffi.Panamind;

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2) with torch's conventions: eps
 * outside the root, decay before the update. One native call a step. Moments have their parameter's
 * shape, type and device.
 */
public final class AdamW implements AutoCloseable {
  /**
   * What a step needs besides the learning rate.
   *
   * @param beta1 decay of the first moment, in [0, 1)
   * @param beta2 decay of the second moment, in [0, 1)
   * @param eps added to the root of the second moment
   * @param weightDecay share of a weight, times the learning rate, taken off each step
   */
  public record Settings(double beta1, double beta2, double eps, double weightDecay) {
    /** Torch's defaults. */
    public static final Settings DEFAULT = new Settings(0.9, 0.999, 1e-8, 0.01);
  }

  private final Settings settings;
  private final Map<String, Tensor> parameters;
  private final Map<String, Tensor> expAvg = new LinkedHashMap<>();
  private final Map<String, Tensor> expAvgSq = new LinkedHashMap<>();
  private long step;

  /**
   * An optimizer over named parameters, whose moments start at zero. A tensor under two names (tied
   * weights) counts once, under the first.
   *
   * @param parameters borrowed; they must outlive this object
   */
  public AdamW(Map<String, Tensor> parameters, Settings settings) {
    this.settings = settings;
    this.parameters = new LinkedHashMap<>();
    Set<Tensor> seen = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    parameters.forEach(
        (name, tensor) -> {
          if (!seen.add(tensor)) return;
          this.parameters.put(name, tensor);
          expAvg.put(name, Torch.zerosLike(tensor).keepForever());
          expAvgSq.put(name, Torch.zerosLike(tensor).keepForever());
        });
  }

  /**
   * One step in place over every parameter that has a gradient.
   *
   * @param learningRate of this step
   * @param gradScale multiplies each gradient on the way in; the gradients themselves stay as they
   *     are
   */
  public void step(double learningRate, double gradScale) {
    step++;
    var scratch = Scratch.get();
    scratch.reset();
    var p = scratch.handles(array(parameters.values()));
    var m = scratch.handles(array(expAvg.values()));
    var v = scratch.handles(array(expAvgSq.values()));
    Status.check(
        Panamind.pm_adamw(
            p,
            m,
            v,
            parameters.size(),
            learningRate,
            settings.beta1,
            settings.beta2,
            settings.eps,
            settings.weightDecay,
            step,
            gradScale));
  }

  private static Tensor[] array(Collection<Tensor> tensors) {
    return tensors.toArray(new Tensor[0]);
  }

  /** The parameters, each once, in the order given. */
  public Collection<Tensor> parameters() {
    return parameters.values();
  }

  /** Steps done so far. */
  public long stepCount() {
    return step;
  }

  /**
   * The moments by torch's names: {@code exp_avg.<parameter>} and {@code exp_avg_sq.<parameter>};
   * not copies.
   */
  public Map<String, Tensor> state() {
    var state = new LinkedHashMap<String, Tensor>();
    expAvg.forEach((name, tensor) -> state.put("exp_avg." + name, tensor));
    expAvgSq.forEach((name, tensor) -> state.put("exp_avg_sq." + name, tensor));
    return state;
  }

  /**
   * Restores what {@link #state} and {@link #stepCount} gave, by copying.
   *
   * @throws IllegalArgumentException if a moment is missing
   * @throws TorchException if one has another shape
   */
  public void restore(Map<String, Tensor> state, long stepCount) {
    List<String> missing = new ArrayList<>(state().keySet());
    missing.removeAll(state.keySet());
    if (!missing.isEmpty()) throw new IllegalArgumentException("optimizer state lacks " + missing);
    try (var no = NoGrad.enter()) {
      state().forEach((name, tensor) -> tensor.copy_(state.get(name)));
    }
    step = stepCount;
  }

  /** Frees the moments; the parameters stay. */
  @Override
  public void close() {
    expAvg.values().forEach(Tensor::close);
    expAvgSq.values().forEach(Tensor::close);
  }
}
