package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Backward, gradients of gradients, and the modes of a thread. */
@ExtendWith(ScopePerTest.class)
class AutogradTest {
  private final Tensor x = Tensor.of(new double[] {1, 2, 3}).requiresGrad(true);

  @Test
  void backwardCollectsGradientsInLeaves() {
    assertNull(x.grad());
    x.square().sum().backward();
    assertArrayEquals(new double[] {2, 4, 6}, x.grad().toDoubleArray());
    x.sum().backward();
    assertArrayEquals(new double[] {3, 5, 7}, x.grad().toDoubleArray());
    Gradients.clear(List.of(x));
    assertNull(x.grad());
  }

  @Test
  void backwardTakesTheGradientOfWhatFollows() {
    x.square().backward(Tensor.of(new double[] {1, 0, 10}));
    assertArrayEquals(new double[] {2, 0, 60}, x.grad().toDoubleArray());
    assertThrows(TorchException.class, () -> x.square().backward());
  }

  @Test
  void aGraphServesOneBackward() {
    var loss = x.square().sum();
    loss.backward();
    assertThrows(TorchException.class, loss::backward);
  }

  @Test
  void gradientsCanBeDifferentiatedAgain() {
    var unused = Torch.ones(1).requiresGrad(true);
    var first = Gradients.of(x.pow(3).sum(), new Tensor[] {x, unused}, true);
    assertArrayEquals(new double[] {3, 12, 27}, first[0].toDoubleArray(), 1e-12);
    assertNull(first[1]);
    var second = Gradients.of(first[0].sum(), new Tensor[] {x}, false);
    assertArrayEquals(new double[] {6, 12, 18}, second[0].toDoubleArray(), 1e-12);
    assertFalse(second[0].requiresGrad());
    assertNull(x.grad());
  }

  @Test
  void manyInputsHaveRoomWhileHooksRun() {
    var inputs = new Tensor[3000];
    for (int i = 0; i < inputs.length; i++) inputs[i] = Tensor.scalar(i).requiresGrad(true);
    var joined = Torch.stack(List.of(inputs), 0);
    try (var hook = joined.onGradient(gradient -> Torch.cat(List.of(inputs), 0))) {
      assertThrows(TorchException.class, () -> Gradients.of(joined.square().sum(), inputs, false));
    }
    try (var hook = joined.onGradient(gradient -> Torch.stack(List.of(inputs), 0))) {
      var gradients = Gradients.of(joined.square().sum(), inputs, false);
      for (int i = 0; i < inputs.length; i++) assertEquals(2 * i, gradients[i].item());
    }
  }

  @Test
  void detachedTensorsStandOutsideTheGraph() {
    var detached = x.mul(2).detach();
    assertFalse(detached.requiresGrad());
    assertTrue(x.mul(2).requiresGrad());
    x.mul(detached).sum().backward();
    assertArrayEquals(new double[] {2, 4, 6}, x.grad().toDoubleArray());
  }

  @Test
  void aGradientCanBeReplaced() {
    x.grad(Tensor.of(new double[] {7, 8, 9}));
    assertArrayEquals(new double[] {7, 8, 9}, x.grad().toDoubleArray());
    var error =
        assertThrows(TorchException.class, () -> x.grad(Torch.ones(DType.FLOAT64, Device.CPU, 2)));
    assertEquals("a gradient of shape [2] was given to a tensor of shape [3]", error.getMessage());
    x.grad(null);
    assertNull(x.grad());
  }

  @Test
  void noGradRecordsNothingAndRestores() {
    try (var no = NoGrad.enter()) {
      assertFalse(x.mul(2).requiresGrad());
      try (var again = NoGrad.enter()) {
        assertFalse(x.mul(2).requiresGrad());
      }
      assertFalse(x.mul(2).requiresGrad());
      x.mul_(2);
      no.close();
      assertTrue(x.mul(2).requiresGrad());
    }
    assertTrue(x.mul(2).requiresGrad());
    assertThrows(TorchException.class, () -> x.mul_(2));
  }

  @Test
  void gradModeBelongsToTheThread() throws InterruptedException {
    var records = new AtomicBoolean();
    var refused = new AtomicBoolean();
    try (var no = NoGrad.enter()) {
      var thread =
          new Thread(
              () -> {
                try (var scope = TensorScope.open()) {
                  records.set(x.mul(2).requiresGrad());
                  no.close();
                } catch (IllegalStateException e) {
                  refused.set(true);
                }
              });
      thread.start();
      thread.join();
      assertFalse(x.mul(2).requiresGrad());
    }
    assertTrue(records.get());
    assertTrue(refused.get());
  }

  @Test
  void autocastComputesProductsInBfloat16AndRestores() {
    var input = Torch.ones(2, 3);
    var weight = Torch.ones(4, 3).requiresGrad(true);
    try (var autocast = Autocast.enter(Device.CPU, DType.BFLOAT16)) {
      var product = Nn.linear(input, weight, null);
      assertEquals(DType.BFLOAT16, product.dtype());
      try (var off = Autocast.enter(Device.CPU, DType.FLOAT32)) {
        assertEquals(DType.FLOAT32, Nn.linear(input, weight, null).dtype());
      }
      assertEquals(DType.BFLOAT16, Nn.linear(input, weight, null).dtype());
      product.sum().backward();
      autocast.close();
      assertEquals(DType.FLOAT32, Nn.linear(input, weight, null).dtype());
    }
    assertEquals(DType.FLOAT32, Nn.linear(input, weight, null).dtype());
    assertEquals(DType.FLOAT32, weight.grad().dtype());
    assertThrows(IllegalArgumentException.class, () -> Autocast.enter(Device.CPU, DType.INT64));
  }
}
