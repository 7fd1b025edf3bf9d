package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What -Dpanamind.leaks=report prints. */
class LeakReportTest {
  /** Leaks one tensor, frees others, and uses a closed one. */
  static final class Leaky {
    private Leaky() {}

    public static void main(String[] arguments) throws InterruptedException {
      forget();
      orderly();
      for (int i = 0; i < 20; i++) {
        System.gc();
        Thread.sleep(20);
      }
    }

    private static void forget() {
      Torch.ones(1);
    }

    private static void orderly() {
      Tensor tensor;
      try (var scope = TensorScope.open()) {
        tensor = Torch.ones(1);
        Torch.ones(1).close();
      }
      try {
        tensor.item();
      } catch (TorchException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void theOneTensorLeftIsReportedWithItsPlace() {
    var child = ChildJvm.run(Leaky.class, "-Dpanamind.leaks=report");
    assertEquals(0, child.exitCode(), child.output());
    var report = "a tensor was neither closed nor owned by a scope, made at:";
    assertEquals(2, child.output().split(report, -1).length, child.output());
    var leak = child.output().substring(child.output().indexOf(report));
    assertTrue(leak.contains("Leaky.forget"), child.output());
    var closed = child.output().substring(child.output().indexOf("this tensor is closed, made at"));
    assertTrue(closed.contains("Leaky.orderly"), child.output());
  }

  @Test
  void nothingIsReportedUnlessAsked() {
    var child = ChildJvm.run(Leaky.class);
    assertEquals(0, child.exitCode(), child.output());
    assertFalse(child.output().contains("made at"), child.output());
  }
}
