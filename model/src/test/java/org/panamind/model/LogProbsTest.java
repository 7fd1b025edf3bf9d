package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Chunks against the whole. */
class LogProbsTest {
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    Generators.seed(8);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4, 15, 100})
  void valuesAndGradientsAreThoseOfLogSoftmax(long step) {
    var hidden = Torch.randn(DType.FLOAT32, Device.CPU, 3, 5, 8);
    var weight = Torch.randn(DType.FLOAT32, Device.CPU, 11, 8);
    var ids = Torch.randint(0, 11, Device.CPU, 3, 5);
    var factor = Torch.randn(DType.FLOAT32, Device.CPU, 3, 5);
    var h = hidden.copy().requiresGrad(true);
    var w = weight.copy().requiresGrad(true);
    var whole =
        Nn.linear(h, w, null)
            .div(0.7)
            .logSoftmax(-1)
            .gather(-1, ids.unsqueeze(-1))
            .squeeze(-1); // [3, 5]
    whole.mul(factor).sum().backward();
    hidden.requiresGrad(true);
    weight.requiresGrad(true);
    var chunked = LogProbs.of(hidden, weight, ids, 0.7, step);
    chunked.mul(factor).sum().backward();
    assertArrayEquals(new long[] {3, 5}, chunked.shape());
    assertArrayEquals(whole.toFloatArray(), chunked.toFloatArray(), 1e-5f);
    assertArrayEquals(h.grad().toFloatArray(), hidden.grad().toFloatArray(), 1e-4f);
    assertArrayEquals(w.grad().toFloatArray(), weight.grad().toFloatArray(), 1e-4f);
  }

  @Test
  void noTokenHasNoLogProb() {
    var hidden = Torch.zeros(DType.FLOAT32, Device.CPU, 2, 0, 8);
    var weight = Torch.zeros(DType.FLOAT32, Device.CPU, 11, 8);
    var ids = Torch.zeros(DType.INT64, Device.CPU, 2, 0);
    assertArrayEquals(new long[] {2, 0}, LogProbs.of(hidden, weight, ids, 1).shape());
    Tensor none = ids;
    assertThrows(ModelConfigException.class, () -> LogProbs.of(hidden, weight, none, 0));
  }
}
