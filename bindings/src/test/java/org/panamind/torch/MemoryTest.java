package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Memory in a training loop, and what happens when there is none. */
@ExtendWith(ScopePerTest.class)
class MemoryTest {
  @AfterEach
  void failNoMore() {
    Memory.failAllocation(0);
  }

  private static long inUse() {
    return Memory.of(Device.CPU).inUse();
  }

  @Test
  void figuresFollowTensors() {
    long before = inUse();
    var large = Torch.zeros(1 << 20);
    assertTrue(inUse() - before >= 4 << 20);
    assertTrue(Memory.of(Device.CPU).peak() >= inUse());
    assertTrue(Memory.of(Device.CPU).held() >= inUse());
    large.close();
    assertEquals(before, inUse());
    Memory.resetPeak(Device.CPU);
    assertEquals(inUse(), Memory.of(Device.CPU).peak());
    Memory.emptyCache(Device.CPU);
    assertTrue(Memory.of(Device.CPU).held() - before < 4 << 20);
  }

  @Test
  void aThousandStepsUseWhatTenDid() {
    try (var scope = TensorScope.open();
        var model = new SmallModel()) {
      double first = model.step();
      for (int i = 1; i < 10; i++) model.step();
      long live = Tensor.liveCount();
      long bytes = inUse();
      for (int i = 10; i < 1000; i++) model.step();
      assertEquals(live, Tensor.liveCount());
      assertEquals(bytes, inUse());
      assertTrue(model.step() < first / 2);
    }
  }

  @Test
  void everyAllocationOfAStepMayFailAndNothingLeaks() {
    try (var model = new SmallModel()) {
      model.step();
      long live = Tensor.liveCount();
      long bytes = inUse();
      int failures = 0;
      while (failsAt(failures + 1, model)) {
        failures++;
        assertEquals(live, Tensor.liveCount(), "allocation " + failures);
        assertEquals(bytes, inUse(), "allocation " + failures);
      }
      assertTrue(failures > 10, "allocations " + failures);
      assertTrue(Double.isFinite(model.step()));
    }
  }

  /** Whether the n-th allocation of a step is one of the step. */
  private static boolean failsAt(int n, SmallModel model) {
    Memory.failAllocation(n);
    try {
      model.step();
      return false;
    } catch (TorchOutOfMemoryException e) {
      assertTrue(e.getMessage().startsWith("out of CPU memory: "), e.getMessage());
      return true;
    } finally {
      Memory.failAllocation(0);
    }
  }

  @Test
  void whatTheSystemRefusesIsAnOutOfMemory() {
    var error =
        assertThrows(
            TorchOutOfMemoryException.class,
            () -> Torch.empty(DType.FLOAT64, Device.CPU, 1L << 45));
    assertTrue(error.getMessage().contains(String.valueOf(1L << 48)), error.getMessage());
  }

  @Test
  void optimizerStateThatFindsNoRoomLeavesNone() {
    var parameters = Map.of("a", Torch.ones(8), "b", Torch.ones(8));
    long live = Tensor.liveCount();
    for (int n = 1; n <= 4; n++) {
      Memory.failAllocation(n);
      assertThrows(
          TorchOutOfMemoryException.class, () -> new AdamW(parameters, AdamW.Settings.DEFAULT));
      assertEquals(live, Tensor.liveCount());
    }
  }
}
