package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.panamind.dataset.batch.Batch;
import org.panamind.stage.train.Compat;
import org.panamind.torch.Tensor;

class NanGuardTest {
  private static final int MICRO_BATCHES = 3;

  /** What goes wrong in one micro-batch of three. */
  enum Fault {
    /** Loss and all gradients are NaN. */
    LOSS((loss, weight) -> loss.mul(Double.NaN)),
    /** Only the loss is: its gradient would pass. */
    LOSS_ALONE((loss, weight) -> loss.add(Double.NaN)),
    /** The same with infinity. */
    LOSS_INFINITE((loss, weight) -> loss.add(Double.POSITIVE_INFINITY)),
    /** A root at zero: the loss stays, one element's gradient is infinite. */
    ONE_GRADIENT((loss, weight) -> loss.add(rootAtZero(weight)));

    private final BiFunction<Tensor, Tensor, Tensor> change;

    Fault(BiFunction<Tensor, Tensor, Tensor> change) {
      this.change = change;
    }

    private static Tensor rootAtZero(Tensor weight) {
      var one = weight.narrow(0, 5, 1).narrow(1, 3, 1).sum();
      return one.sub(one.detach()).sqrt();
    }
  }

  private final List<double[]> states = new ArrayList<>();
  private int seen;

  @ParameterizedTest
  @EnumSource
  void aBadUpdateLeavesWeightsAndMomentsBitForBit(Fault fault) {
    try (var run = run(12)) {
      // Update 2 of 4 has one bad micro-batch of three.
      failIn(run, fault, 4, 4);
      var reports = train(run);
      assertEquals(List.of(true, false, true, true), applied(reports));
      assertEquals(List.of(0L, 1L, 1L, 1L), reports.stream().map(UpdateReport::skipped).toList());
      assertArrayEquals(states.get(0), states.get(1));
      assertFalse(Arrays.equals(states.get(1), states.get(2)));
      assertTrue(DoubleStream.of(states.get(3)).allMatch(Double::isFinite));
    }
  }

  @ParameterizedTest
  @EnumSource
  void threeBadUpdatesInARowEndTheRun(Fault fault) {
    try (var run = run(18)) {
      failIn(run, fault, 6, 18);
      var end = assertThrows(DivergedException.class, () -> train(run));
      assertEquals(77, end.exitCode());
      assertTrue(
          end.getMessage().contains("in 3 updates in a row, the last at step 5"), end::getMessage);
      assertEquals(5, states.size());
      assertArrayEquals(states.get(1), states.get(4));
    }
  }

  @Test
  void twoBadUpdatesAreForgivenAgainAndAgain() {
    try (var run = run(27)) {
      run.change(
          loss -> {
            int update = seen++ / MICRO_BATCHES;
            return update % 3 == 2 ? loss : loss.with(loss.sum().mul(Double.NaN));
          });
      var reports = train(run);
      assertEquals(9, reports.size());
      assertEquals(6, reports.get(8).skipped());
    }
  }

  @Test
  void theLossScaleFallsAtAnOverflowUntilTheGradientFits() {
    try (var run = run(12)) {
      // Times 65536, and 256, it exceeds float32's 3.4e38; the update is to apply at 128.
      run.change(loss -> loss.with(loss.sum().mul(1e36)));
      var scales = new ArrayList<Double>();
      var reports =
          LoopRuns.train(
              run,
              LoopRuns.options(5, MICRO_BATCHES, null, Compat.NONE),
              new LossScale(true),
              loop -> scales.add(loop.lossScale().value()));
      int first = applied(reports).indexOf(true);
      // More than three refusals in a row: they are the scale's fault, not divergence.
      assertTrue(first > TrainingLoop.MOST_BAD_UPDATES, reports.toString());
      assertEquals(65536 / Math.pow(2, first), scales.get(first));
      assertTrue(applied(reports).subList(first, reports.size()).stream().allMatch(a -> a));
      assertEquals(first, reports.get(reports.size() - 1).skipped());
    }
  }

  @Test
  void theLossScaleRisesAfterManyGoodUpdates() {
    var scale = new LossScale(true);
    for (int i = 0; i < 1999; i++) assertFalse(scale.update(true));
    assertEquals(65536, scale.value());
    assertFalse(scale.update(true));
    assertEquals(131072, scale.value());
    assertTrue(scale.update(false));
    assertEquals(65536, scale.value());
  }

  @Test
  void atTheSmallestScaleAnOverflowIsTheModelsFault() {
    var scale = new LossScale(true);
    for (int i = 0; i < 16; i++) assertTrue(scale.update(false));
    assertEquals(1, scale.value());
    assertFalse(scale.update(false));
  }

  private static DecoderRun run(int batches) {
    return new DecoderRun(0, DecoderRun.ragged(2 * batches, 2));
  }

  private void failIn(DecoderRun run, Fault fault, int from, int to) {
    run.change(
        loss -> {
          int now = seen++;
          boolean bad = now >= from && now <= to;
          return bad ? loss.with(fault.change.apply(loss.sum(), run.embedding())) : loss;
        });
  }

  private List<UpdateReport> train(DecoderRun run) {
    return LoopRuns.train(
        run,
        LoopRuns.options(1, MICRO_BATCHES, null, Compat.NONE),
        new LossScale(false),
        loop -> states.add(state(run, loop)));
  }

  /** Weights, moments and the count of steps. */
  private static double[] state(DecoderRun run, TrainingLoop<Batch> loop) {
    var moments =
        loop.optimizers().moments().values().stream()
            .flatMapToDouble(tensor -> Arrays.stream(tensor.toDoubleArray()));
    return DoubleStream.concat(
            DoubleStream.concat(Arrays.stream(run.weights()), moments),
            DoubleStream.of(loop.optimizers().stepCount()))
        .toArray();
  }

  private static List<Boolean> applied(List<UpdateReport> reports) {
    return reports.stream().map(UpdateReport::applied).toList();
  }
}
