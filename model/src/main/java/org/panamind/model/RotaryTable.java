package org.panamind.model;

import java.util.List;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Op;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * Cosines and sines of the rotations (Su et al. 2021, arXiv:2104.09864, section 3.4.2), [positions,
 * D] float32, both halves of a row equal. Grows as longer sequences come, up to the config's
 * longest.
 */
final class RotaryTable implements AutoCloseable {
  private static final Op POW = Op.of("aten::pow.Scalar");
  private static final int FIRST = 512;

  private final ModelConfig config;
  private final Device device;
  private Tensor cos;
  private Tensor sin;

  RotaryTable(ModelConfig config, Device device) {
    this.config = config;
    this.device = device;
  }

  /** Rows {@code from} to {@code from + count} of both tables. */
  record Slice(Tensor cos, Tensor sin) {}

  Slice rows(long from, long count) {
    long end = from + count;
    if (end > config.maxPositions()) {
      throw new ModelConfigException(
          "a sequence of %d tokens exceeds max_position_embeddings %d"
              .formatted(end, config.maxPositions()));
    }
    if (cos == null || cos.size(0) < end) grow(end);
    return new Slice(cos.narrow(0, from, count), sin.narrow(0, from, count));
  }

  private void grow(long end) {
    long rows = cos == null ? FIRST : cos.size(0);
    while (rows < end) rows *= 2;
    close();
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var angles = angles(Math.min(rows, config.maxPositions()));
      cos = table(angles.cos()).keepForever();
      sin = table(angles.sin()).keepForever();
    }
  }

  private Tensor table(Tensor values) {
    double factor = config.yarn() == null ? 1 : config.yarn().attentionFactor();
    return Torch.cat(List.of(values, values), 1).mul(factor).to(device);
  }

  /**
   * [positions, D / 2] in float32, in the order of operations that the weights were trained with.
   */
  private Tensor angles(long positions) {
    int width = config.headWidth();
    var exponent = Torch.arange(0, width, 2, DType.FLOAT32, Device.CPU).div(width);
    var frequencies = POW.tensor(config.ropeTheta(), exponent).reciprocal(); // [D / 2]
    if (config.yarn() != null && config.maxPositions() > config.yarn().originalPositions()) {
      frequencies = stretched(frequencies, config.yarn());
    }
    return Torch.arange(0, positions, 1, DType.FLOAT32, Device.CPU).outer(frequencies);
  }

  private Tensor stretched(Tensor frequencies, Yarn yarn) {
    int half = config.headWidth() / 2;
    double low = Math.max(Math.floor(axisOf(yarn.betaFast(), yarn)), 0);
    double high = Math.min(Math.ceil(axisOf(yarn.betaSlow(), yarn)), half - 1);
    var ramp =
        Torch.arange(0, half, 1, DType.FLOAT32, Device.CPU)
            .sub(low)
            .div(Math.max(high - low, 0.001))
            .clamp(0, 1);
    return frequencies.mul(ramp.rsub(1).add(ramp.div(yarn.factor())));
  }

  /** The axis whose rotation makes this many turns within the original context. */
  private double axisOf(double turns, Yarn yarn) {
    return config.headWidth()
        * Math.log(yarn.originalPositions() / (turns * 2 * Math.PI))
        / (2 * Math.log(config.ropeTheta()));
  }

  @Override
  public void close() {
    if (cos == null) return;
    cos.close();
    sin.close();
    cos = sin = null;
  }
}
