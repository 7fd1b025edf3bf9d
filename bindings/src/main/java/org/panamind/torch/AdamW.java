package org.panamind.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.torch.ffi.Panamind;

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2) with torch's conventions: eps
 * outside the root, decay before the update. One native call a step. Moments have their parameter's
 * shape, type and device. The count of steps, of which the bias correction is made, is one for all
 * parameters, also for one that had no gradient in some.
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

    /** Checks the bounds. */
    public Settings {
      checkRate("beta1", beta1);
      checkRate("beta2", beta2);
      checkNotNegative("eps", eps);
      checkNotNegative("weightDecay", weightDecay);
    }

    private static void checkRate(String name, double value) {
      if (!(value >= 0 && value < 1)) {
        throw new IllegalArgumentException(name + " is " + value + ", must be in [0, 1)");
      }
    }

    private static void checkNotNegative(String name, double value) {
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(name + " is " + value + ", must be 0 or more");
      }
    }
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
    try {
      parameters.forEach(this::add);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void add(String name, Tensor tensor) {
    for (var known : parameters.values()) {
      if (known.handle() == tensor.handle()) return;
    }
    parameters.put(name, tensor);
    expAvg.put(name, Torch.zerosLike(tensor).keepForever());
    expAvgSq.put(name, Torch.zerosLike(tensor).keepForever());
  }

  /**
   * One step in place over every parameter that has a gradient.
   *
   * @param learningRate of this step
   * @param gradScale multiplies each gradient on the way in; the gradients themselves stay as they
   *     are
   */
  public void step(double learningRate, double gradScale) {
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
            step + 1,
            gradScale));
    step++;
  }

  private static Tensor[] array(Collection<Tensor> tensors) {
    return tensors.toArray(new Tensor[0]);
  }

  /** The parameters, each once, in the order given. */
  public Collection<Tensor> parameters() {
    return Collections.unmodifiableCollection(parameters.values());
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
   * Restores what {@link #state} and {@link #stepCount} gave, by copying; nothing is changed when
   * it does not fit.
   *
   * @throws IllegalArgumentException if a moment is missing
   * @throws TorchException if one has another shape
   */
  public void restore(Map<String, Tensor> state, long stepCount) {
    List<String> missing = new ArrayList<>(state().keySet());
    missing.removeAll(state.keySet());
    if (!missing.isEmpty()) throw new IllegalArgumentException("optimizer state lacks " + missing);
    state().forEach((name, tensor) -> checkShape(name, tensor, state.get(name)));
    try (var no = NoGrad.enter()) {
      state().forEach((name, tensor) -> tensor.copy_(state.get(name)));
    }
    step = stepCount;
  }

  /** All before the first copy, which would broadcast, and leave the rest undone when it fails. */
  private static void checkShape(String name, Tensor moment, Tensor given) {
    if (!Arrays.equals(moment.shape(), given.shape())) {
      throw new TorchException(
          "optimizer state "
              + name
              + " is "
              + Arrays.toString(given.shape())
              + ", its parameter "
              + Arrays.toString(moment.shape()));
    }
  }

  /** Frees the moments; the parameters stay. */
  @Override
  public void close() {
    expAvg.values().forEach(Tensor::close);
    expAvgSq.values().forEach(Tensor::close);
  }
}
