package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Memory;
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

  /** The second takes three chunks of 64 rows, the last not full. */
  @ParameterizedTest
  @CsvSource({"11, 5", "150000, 50"})
  void valuesAndGradientsAreThoseOfLogSoftmax(long classes, long time) {
    var hidden = Torch.randn(DType.FLOAT32, Device.CPU, 3, time, 8);
    var weight = Torch.randn(DType.FLOAT32, Device.CPU, classes, 8).mul(0.3);
    var ids = Torch.randint(0, classes, Device.CPU, 3, time);
    var factor = Torch.randn(DType.FLOAT32, Device.CPU, 3, time);
    var h = hidden.copy().requiresGrad(true);
    var w = weight.copy().requiresGrad(true);
    var whole =
        Nn.linear(h, w, null)
            .div(0.7)
            .logSoftmax(-1)
            .gather(-1, ids.unsqueeze(-1))
            .squeeze(-1); // [3, T]
    whole.mul(factor).sum().backward();
    hidden.requiresGrad(true);
    weight.requiresGrad(true);
    var chunked = LogProbs.of(hidden, weight, ids, 0.7);
    chunked.mul(factor).sum().backward();
    assertArrayEquals(new long[] {3, time}, chunked.shape());
    assertArrayEquals(whole.toFloatArray(), chunked.toFloatArray(), 1e-4f);
    assertArrayEquals(h.grad().toFloatArray(), hidden.grad().toFloatArray(), 1e-4f);
    assertArrayEquals(w.grad().toFloatArray(), weight.grad().toFloatArray(), 1e-4f);
  }

  @Test
  void logitsAreNeverHeldWhole() {
    var hidden = Torch.randn(DType.FLOAT32, Device.CPU, 8192, 8).requiresGrad(true);
    var weight = Torch.randn(DType.FLOAT32, Device.CPU, 4096, 8).requiresGrad(true);
    var ids = Torch.randint(0, 4096, Device.CPU, 8192);
    long before = Memory.of(Device.CPU).inUse();
    Memory.resetPeak(Device.CPU);
    LogProbs.of(hidden, weight, ids, 1).sum().backward();
    long peak = Memory.of(Device.CPU).peak() - before;
    // The logits alone take 128 MiB, a chunk of them 32.
    assertTrue(peak < 40 << 20, "peak is " + (peak >> 20) + " MiB");
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
