package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/** Who frees what. */
@ExtendWith(ScopePerTest.class)
class TensorScopeTest {
  @Test
  void scopesFreeWhatWasMadeInThem() {
    long before = Tensor.liveCount();
    var outside = Torch.ones(1);
    Tensor inside;
    Tensor innermost;
    try (var scope = TensorScope.open()) {
      inside = Torch.ones(1);
      try (var inner = TensorScope.open()) {
        innermost = Torch.ones(1);
        assertEquals(1, inner.size());
        assertEquals(before + 3, Tensor.liveCount());
      }
      assertTrue(innermost.isClosed());
      assertFalse(inside.isClosed());
      assertEquals(1, scope.size());
    }
    assertTrue(inside.isClosed());
    assertFalse(outside.isClosed());
    assertEquals(before + 1, Tensor.liveCount());
  }

  @Test
  void keptTensorsMoveOutwards() {
    Tensor kept;
    Tensor keptTwice;
    try (var scope = TensorScope.open()) {
      try (var inner = TensorScope.open()) {
        kept = inner.keep(Torch.ones(1));
        keptTwice = inner.keep(Torch.ones(2));
        assertEquals(0, inner.size());
      }
      assertSame(keptTwice, scope.keep(keptTwice));
      assertEquals(1, scope.size());
    }
    assertTrue(kept.isClosed());
    assertEquals(2, keptTwice.numel());
  }

  @Test
  void keepingLeavesTensorsOfOtherScopesWhereTheyAre() {
    var outside = Torch.ones(1);
    try (var scope = TensorScope.open()) {
      scope.keep(outside);
      try (var inner = TensorScope.open()) {
        scope.keep(Torch.ones(1));
        assertEquals(1, inner.size());
      }
      assertEquals(0, scope.size());
    }
    assertFalse(outside.isClosed());
  }

  @Test
  void tensorsKeptForeverLiveUntilTheyAreClosed() {
    long before = Tensor.liveCount();
    Tensor kept;
    try (var scope = TensorScope.open()) {
      kept = Torch.ones(1).keepForever();
      assertSame(kept, kept.keepForever());
    }
    assertEquals(1, kept.item());
    kept.close();
    assertEquals(before, Tensor.liveCount());
  }

  @Test
  void manyTensorsClosedByHandLeaveRoomForMore() {
    try (var scope = TensorScope.open()) {
      List<Tensor> living = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        var tensor = Tensor.scalar(i);
        if (i % 3 == 0) living.add(tensor);
        if (i % 3 != 0) tensor.close();
      }
      assertEquals(living.size(), scope.size());
      for (int i = 0; i < living.size(); i++) assertEquals(3 * i, living.get(i).item());
    }
  }

  @Test
  void closingTwiceDoesNothing() {
    long before = Tensor.liveCount();
    var tensor = Torch.ones(1);
    tensor.close();
    tensor.close();
    var scope = TensorScope.open();
    scope.close();
    scope.close();
    assertEquals(before, Tensor.liveCount());
  }

  @Test
  void aClosedTensorRefusesEveryUse() {
    var closed = Torch.ones(1);
    closed.close();
    var other = Torch.ones(1);
    List<Executable> uses =
        List.of(
            closed::item,
            closed::shape,
            closed::dtype,
            closed::backward,
            closed::grad,
            closed::share,
            closed::text,
            closed::toFloatArray,
            () -> closed.requiresGrad(true),
            () -> closed.add(1),
            () -> other.add(closed),
            () -> other.grad(closed),
            () -> Torch.cat(List.of(other, closed), 0),
            () -> Gradients.norm(List.of(closed), 1),
            () -> other.get(Ix.of(closed)));
    for (var use : uses) {
      var error = assertThrows(TorchException.class, use);
      assertEquals(
          "this tensor is closed; -Dpanamind.leaks=report tells where it was made",
          error.getMessage());
    }
    assertEquals("Tensor(closed)", closed.toString());
  }

  @Test
  void aScopeDoesNotCloseBeforeThoseInsideIt() {
    var outer = TensorScope.open();
    var inner = TensorScope.open();
    var error = assertThrows(IllegalStateException.class, outer::close);
    assertEquals(
        "a scope opened inside this one is still open; close it first", error.getMessage());
    inner.close();
    outer.close();
  }

  @Test
  void otherThreadsAreRefused() throws InterruptedException {
    var tensor = Torch.ones(1);
    try (var scope = TensorScope.open()) {
      var inside = Torch.ones(1);
      for (Executable use :
          List.<Executable>of(scope::close, inside::close, () -> scope.keep(inside))) {
        var error = thrownOn(Thread.ofPlatform().name("stranger").unstarted(run(use)));
        assertTrue(error instanceof IllegalStateException, String.valueOf(error));
        assertTrue(error.getMessage().endsWith("not to stranger"), error.getMessage());
      }
      assertFalse(inside.isClosed());
    }
    assertNull(thrownOn(Thread.ofPlatform().unstarted(run(tensor::item))));
  }

  @Test
  void virtualThreadsAreRefused() throws InterruptedException {
    var tensor = Torch.ones(1);
    for (Executable use :
        List.<Executable>of(
            TensorScope::open,
            NoGrad::enter,
            tensor::close,
            tensor::text,
            tensor::numel,
            () -> tensor.add(1),
            () -> Torch.threads(1),
            () -> Generators.seed(1),
            () -> Autocast.enter(Device.CPU, DType.BFLOAT16))) {
      var error = thrownOn(Thread.ofVirtual().unstarted(run(use)));
      assertTrue(error instanceof IllegalStateException, String.valueOf(error));
      assertFalse(tensor.isClosed());
    }
  }

  private Throwable thrown;

  private Runnable run(Executable use) {
    return () -> {
      thrown = null;
      try {
        use.execute();
      } catch (Throwable e) {
        thrown = e;
      }
    };
  }

  private Throwable thrownOn(Thread thread) throws InterruptedException {
    thread.start();
    thread.join();
    return thrown;
  }

  @Test
  void eachThreadHasScopesOfItsOwn() throws InterruptedException {
    var made = new AtomicReference<Tensor>();
    var thread = new Thread(() -> made.set(Torch.ones(1)));
    try (var scope = TensorScope.open()) {
      thread.start();
      thread.join();
      assertEquals(0, scope.size());
    }
    assertEquals(1, made.get().item());
    made.get().close();
  }

  @Test
  void anExceptionInTheMiddleLeavesNothingBehind() {
    long before = Tensor.liveCount();
    for (int i = 0; i < 10; i++) {
      assertThrows(TorchException.class, TensorScopeTest::failHalfway);
      assertEquals(before, Tensor.liveCount());
    }
  }

  private static void failHalfway() {
    try (var scope = TensorScope.open()) {
      var weight = Torch.ones(3, 3).requiresGrad(true);
      var parts = weight.mul(2).split(1, 0);
      try (var inner = TensorScope.open()) {
        inner.keep(parts[0].matmul(weight));
        parts[1].matmul(parts[2]);
      }
    }
  }
}
