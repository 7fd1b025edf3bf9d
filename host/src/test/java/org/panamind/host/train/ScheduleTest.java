package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.panamind.stage.train.Compat;
import org.panamind.torch.DType;
import org.panamind.torch.Device;

class ScheduleTest {
  /** As trainer_utils.py's get_lr writes it. */
  private static double minimind(long step, long total, double rate) {
    return rate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * step / total)));
  }

  @Test
  void isMinimindsCosineWithoutWarmUp() {
    var schedule = new Schedule(5e-4, 0, 1000);
    for (long step = 1; step <= 1000; step++)
      assertEquals(minimind(step, 1000, 5e-4), schedule.at(step), 1e-18);
    assertEquals(5e-5, schedule.at(1000), 1e-18);
  }

  @Test
  void risesInEqualStepsToThePeakAndFallsToATenth() {
    var schedule = new Schedule(1, 10, 110);
    assertEquals(0.1, schedule.at(1), 1e-15);
    assertEquals(0.5, schedule.at(5), 1e-15);
    assertEquals(1, schedule.at(10), 1e-15);
    assertEquals(minimind(50, 100, 1), schedule.at(60), 1e-15);
    assertEquals(0.1, schedule.at(110), 1e-15);
    assertEquals(0.1, schedule.at(200), 1e-15);
  }

  @Test
  void comesToItsEndWithTheLastUpdateHoweverManyThereAre() {
    // 5 micro-batches an epoch in groups of 2 make 3 updates, the last of one micro-batch.
    assertEquals(20, total(4, null));
    assertEquals(2, total(4, 1));
    assertEquals(5, total(4, 3));
    assertEquals(9, total(4, 5));
    assertEquals(20, total(4, 99));
  }

  private static long total(int epochs, Integer maxSteps) {
    try (var run = new DecoderRun(0, DecoderRun.ragged(10, 2))) {
      var options = LoopRuns.options(epochs, 2, maxSteps, Compat.NONE);
      var loop =
          new TrainingLoop<>(
              run, options, Device.CPU, DType.FLOAT32, new TrainingLoop.Listener() {});
      try (var optimizers = loop.optimizers()) {
        long ends = loop.schedule().total();
        loop.train(() -> false);
        assertEquals(ends, loop.at().microBatches());
        return ends;
      }
    }
  }

  @Test
  void stopsOnlyWhereNoGradientIsCollected() {
    try (var run = new DecoderRun(0, DecoderRun.ragged(16, 2))) {
      var options = LoopRuns.options(1, 4, null, Compat.NONE);
      var asked = new int[1];
      var loop =
          new TrainingLoop<>(
              run, options, Device.CPU, DType.FLOAT32, new TrainingLoop.Listener() {});
      try (var optimizers = loop.optimizers()) {
        loop.train(() -> asked[0]++ > 0);
        assertEquals(2, asked[0]);
        assertEquals(1, loop.at().updates());
        assertEquals(4, loop.at().microBatches());
        assertEquals(4, loop.at().cursor().position());
      }
    }
  }
}
