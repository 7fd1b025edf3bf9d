package org.panamind.stage.rl;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.stage.train.Mean;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/** Means of different things (tokens, answers, groups) as a step's metrics. */
public final class MeanMetrics {
  private final double weight;
  private final Device device;
  private final Map<String, Mean> means = new LinkedHashMap<>();

  /**
   * No metrics yet.
   *
   * @param weight of those that are given without one
   */
  public MeanMetrics(double weight, Device device) {
    this.weight = weight;
    this.device = device;
  }

  /** Adds a mean that the host knows. */
  public MeanMetrics put(String name, double mean) {
    return put(name, mean, weight);
  }

  /** Adds a mean that the host knows, over a number of its own. */
  public MeanMetrics put(String name, double mean, double over) {
    means.put(name, new Mean(Torch.full(mean * over, DType.FLOAT32, device), over));
    return this;
  }

  /** Adds a mean that the device knows; no axis. */
  public MeanMetrics put(String name, Tensor mean) {
    means.put(name, new Mean(mean.detach().mul(weight), weight));
    return this;
  }

  /** For the step. */
  public Map<String, Mean> means() {
    return Collections.unmodifiableMap(means);
  }
}
