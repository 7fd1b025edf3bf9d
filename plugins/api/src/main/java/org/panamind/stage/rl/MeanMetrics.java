package org.panamind.stage.rl;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * Means of different things (tokens, answers, groups) as the sums that a {@link
 * org.panamind.stage.train.StepLoss} wants, so that the host's division by its weight gives them
 * back.
 */
public final class MeanMetrics {
  private final double weight;
  private final Device device;
  private final Map<String, Tensor> sums = new LinkedHashMap<>();

  /**
   * No metrics yet.
   *
   * @param weight of the step
   */
  public MeanMetrics(double weight, Device device) {
    this.weight = weight;
    this.device = device;
  }

  /** Adds a mean that the host knows. */
  public MeanMetrics put(String name, double mean) {
    sums.put(name, Torch.full(mean * weight, DType.FLOAT32, device));
    return this;
  }

  /** Adds a mean that the device knows; no axis. */
  public MeanMetrics put(String name, Tensor mean) {
    sums.put(name, mean.detach().mul(weight));
    return this;
  }

  /** For the step. */
  public Map<String, Tensor> sums() {
    return Collections.unmodifiableMap(sums);
  }
}
