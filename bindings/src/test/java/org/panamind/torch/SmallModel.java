package org.panamind.torch;

import java.util.LinkedHashMap;
import java.util.Map;

/** Two layers, an optimizer and a fixed batch: enough of training to watch its memory. */
final class SmallModel implements AutoCloseable {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final AdamW optimizer;
  private final Tensor inputs;
  private final Tensor targets;

  SmallModel() {
    Generators.seed(5);
    parameters.put("first", randn(16, 8).requiresGrad(true));
    parameters.put("second", randn(4, 16).requiresGrad(true));
    inputs = randn(32, 8);
    targets = Torch.randint(0, 4, Device.CPU, 32).keepForever();
    optimizer = new AdamW(parameters, AdamW.Settings.DEFAULT);
  }

  private static Tensor randn(long... shape) {
    return Torch.randn(DType.FLOAT32, Device.CPU, shape).mul(0.3).keepForever();
  }

  /** Forward, backward and update; the loss. */
  double step() {
    try (var scope = TensorScope.open()) {
      var hidden = Nn.linear(inputs, parameters.get("first"), null).silu();
      var logits = Nn.linear(hidden, parameters.get("second"), null);
      var loss = Nn.crossEntropy(logits, targets, -100);
      loss.backward();
      double norm = Gradients.norm(parameters.values(), 1);
      optimizer.step(1e-2, 1 / Math.max(1, norm));
      return loss.item();
    } finally {
      Gradients.clear(parameters.values());
    }
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.values().forEach(Tensor::close);
    inputs.close();
    targets.close();
  }
}
