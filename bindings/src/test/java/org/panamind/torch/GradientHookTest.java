package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Callbacks in the midst of a backward. */
@ExtendWith(ScopePerTest.class)
class GradientHookTest {
  private final Tensor x = Tensor.of(new float[] {1, 2}).requiresGrad(true);

  @Test
  void aHookSeesEachGradientUntilItIsClosed() {
    List<float[]> seen = new ArrayList<>();
    try (var hook = x.onGradient(gradient -> seen.add(gradient.toFloatArray()))) {
      x.square().sum().backward();
      x.sum().backward();
    }
    x.sum().backward();
    assertEquals(2, seen.size());
    assertArrayEquals(new float[] {2, 4}, seen.get(0));
    assertArrayEquals(new float[] {1, 1}, seen.get(1));
  }

  @Test
  void tensorsOfAHookEndWithIt() {
    var leaked = new AtomicReference<Tensor>();
    try (var hook = x.onGradient(leaked::set)) {
      x.sum().backward();
    }
    assertTrue(leaked.get().isClosed());
  }

  @Test
  void whatAHookThrowsEndsTheBackwardAndIsTheCause() {
    long live = Tensor.liveCount();
    var thrown = new IllegalStateException("no more");
    try (var hook =
        x.onGradient(
            gradient -> {
              gradient.mul(2);
              throw thrown;
            })) {
      try (var scope = TensorScope.open()) {
        var error = assertThrows(TorchException.class, () -> x.sum().backward());
        assertEquals(
            "a gradient hook failed: java.lang.IllegalStateException: no more", error.getMessage());
        assertSame(thrown, error.getCause());
      }
    }
    assertNull(x.grad());
    assertEquals(live, Tensor.liveCount());
    x.sum().backward();
    assertArrayEquals(new float[] {1, 1}, x.grad().toFloatArray());
  }

  @Test
  void anErrorInAHookDoesNotEndTheVirtualMachine() {
    try (var hook = x.onGradient(gradient -> overflow(0))) {
      var error = assertThrows(TorchException.class, () -> x.sum().backward());
      assertTrue(error.getCause() instanceof StackOverflowError, String.valueOf(error.getCause()));
    }
  }

  private static long overflow(long depth) {
    return overflow(depth + 1) + 1;
  }

  @Test
  void aHookOutlivesItsTensorsScope() {
    List<float[]> seen = new ArrayList<>();
    GradientHook hook;
    Tensor product;
    try (var scope = TensorScope.open()) {
      var middle = x.mul(3);
      hook = middle.onGradient(gradient -> seen.add(gradient.toFloatArray()));
      product = scope.keep(middle.sum());
    }
    product.backward();
    assertArrayEquals(new float[] {1, 1}, seen.get(0));
    hook.close();
    hook.close();
  }

  @Test
  void aHookMayCallOperatorsWhileAnotherOperatorRuns() {
    List<float[]> seen = new ArrayList<>();
    var backward = Torch.op("aten::_backward");
    try (var hook =
        x.onGradient(
            gradient -> {
              var parts = Torch.arange(0, 100, Device.CPU).split(1, 0);
              seen.add(gradient.add(parts[99]).toFloatArray());
            })) {
      backward.run(x.square().sum(), List.of(x), null, false, false);
    }
    assertArrayEquals(new float[] {101, 103}, seen.get(0));
    assertArrayEquals(new float[] {2, 4}, x.grad().toFloatArray());
  }

  @Test
  void aHookCannotBeClosedFromWithin() {
    var self = new AtomicReference<GradientHook>();
    try (var hook = x.onGradient(gradient -> self.get().close())) {
      self.set(hook);
      var error = assertThrows(TorchException.class, () -> x.sum().backward());
      assertTrue(error.getCause() instanceof IllegalStateException);
    }
  }

  @Test
  void aTensorOutsideTheGraphTakesNoHook() {
    assertThrows(TorchException.class, () -> Torch.ones(1).onGradient(gradient -> {}));
  }
}
