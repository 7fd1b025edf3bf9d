package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.batch.Batch;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Torch;

class AccumulationTest {
  private static final double CLOSE = 1e-6;

  @Test
  void fourBatchesOfTwoTrainAsOneOfEight() {
    try (var whole = new DecoderRun(0, DecoderRun.ragged(24, 8));
        var cut = new DecoderRun(0, DecoderRun.ragged(24, 2))) {
      var gradients = new ArrayList<double[]>();
      var first = trainOnce(whole, 1, gradients);
      var same = trainOnce(cut, 4, gradients);
      assertEquals(first.loss(), same.loss(), CLOSE);
      assertEquals(first.gradNorm(), same.gradNorm(), CLOSE);
      assertEquals(first.weight(), same.weight());
      assertEquals(first.learningRate(), same.learningRate());
      assertArrayEquals(gradients.get(0), gradients.get(1), CLOSE);
      // Adam's first step is rate * g / (|g| + eps), which magnifies the rounding of a tiny g.
      assertArrayEquals(whole.weights(), cut.weights(), 1e-2 * first.learningRate());
    }
  }

  /** The first moments after one update are a tenth of its gradient. */
  private static UpdateReport trainOnce(
      DecoderRun run, int accumulation, List<double[]> gradients) {
    var options = LoopRuns.options(1, accumulation, 1, Compat.NONE);
    return LoopRuns.train(run, options, new LossScale(false), loop -> gradients.add(tenfold(loop)))
        .get(0);
  }

  private static double[] tenfold(TrainingLoop<Batch> loop) {
    return loop.optimizers().moments().entrySet().stream()
        .filter(moment -> moment.getKey().startsWith("model/exp_avg."))
        .flatMapToDouble(moment -> Arrays.stream(moment.getValue().toDoubleArray()))
        .map(value -> 10 * value)
        .toArray();
  }

  @Test
  void theCompatFormIsTheMeanOfTheMicroBatchesMeans() {
    try (var compat = new DecoderRun(0, DecoderRun.ragged(8, 2));
        var means = new DecoderRun(0, DecoderRun.ragged(8, 2));
        var correct = new DecoderRun(0, DecoderRun.ragged(8, 2))) {
      double mean =
          LoopRuns.microBatchMeans(means, LoopRuns.options(1, 4, 1, Compat.MINIMIND2)).stream()
              .mapToDouble(m -> m)
              .average()
              .orElseThrow();
      var report = LoopRuns.train(compat, LoopRuns.options(1, 4, 1, Compat.MINIMIND2)).get(0);
      var global = LoopRuns.train(correct, LoopRuns.options(1, 4, 1, Compat.NONE)).get(0);
      assertEquals(mean, report.loss(), 1e-12);
      assertTrue(Math.abs(global.loss() - report.loss()) > 1e-4, report + " " + global);
      assertTrue(Math.abs(global.gradNorm() - report.gradNorm()) > 1e-4, report + " " + global);
    }
  }

  @Test
  void theLastMicroBatchesOfAnEpochAreNotLost() {
    var batches = DecoderRun.ragged(10, 2);
    try (var run = new DecoderRun(0, batches);
        var alone = new DecoderRun(0, batches.subList(4, 5))) {
      var reports = LoopRuns.train(run, LoopRuns.options(2, 2, null, Compat.NONE));
      assertEquals(6, reports.size());
      double all = batches.stream().mapToLong(Batch::supervisedTokens).sum();
      assertEquals(2 * all, reports.stream().mapToDouble(UpdateReport::weight).sum());
      assertEquals(batches.get(4).supervisedTokens(), reports.get(2).weight());
      assertEquals(1, reports.get(2).epoch());
      // The partial group has the ordinary gradient of its own tokens, not half of it.
      var only = LoopRuns.train(alone, LoopRuns.options(1, 1, null, Compat.NONE)).get(0);
      var partial = lastOfOneEpochWithoutMoving(batches);
      assertEquals(only.loss(), partial.loss(), CLOSE);
      assertEquals(only.gradNorm(), partial.gradNorm(), CLOSE);
    }
  }

  /** All but the last group have nothing to learn from, so the weights are still the first ones. */
  private static UpdateReport lastOfOneEpochWithoutMoving(List<Batch> batches) {
    var silent = new ArrayList<Batch>();
    for (int i = 0; i < 4; i++) silent.add(DecoderRun.unsupervised());
    silent.add(batches.get(4));
    try (var run = new DecoderRun(0, silent)) {
      return LoopRuns.train(run, LoopRuns.options(1, 2, null, Compat.NONE)).get(2);
    }
  }

  @Test
  void microBatchesWithNothingToLearnFromContributeNothingAndAreCounted() {
    var two = DecoderRun.ragged(4, 2);
    var three = List.of(two.get(0), DecoderRun.unsupervised(), two.get(1));
    try (var with = new DecoderRun(0, three);
        var without = new DecoderRun(0, two)) {
      var a = LoopRuns.train(with, LoopRuns.options(1, 3, null, Compat.NONE)).get(0);
      var b = LoopRuns.train(without, LoopRuns.options(1, 2, null, Compat.NONE)).get(0);
      assertEquals(1, a.emptyMicroBatches());
      assertEquals(0, b.emptyMicroBatches());
      assertEquals(b.loss(), a.loss(), CLOSE);
      assertEquals(b.gradNorm(), a.gradNorm(), CLOSE);
      assertEquals(b.weight(), a.weight());
    }
  }

  @Test
  void whatIsSupervisedIsCountedApartFromTheWeight() {
    try (var run = new DecoderRun(0, DecoderRun.ragged(4, 2))) {
      run.change(loss -> new StepLoss(loss.sum(), 0.5, loss.supervised(), loss.tokens(), Map.of()));
      var report = LoopRuns.train(run, LoopRuns.options(1, 2, null, Compat.NONE)).get(0);
      long tokens = DecoderRun.ragged(4, 2).stream().mapToLong(Batch::supervisedTokens).sum();
      assertEquals(1.0, report.weight());
      assertEquals(tokens, report.supervised());
      assertTrue(report.supervised() < report.tokens(), report.toString());
    }
  }

  @Test
  void eachMeanIsOverWhatItCounts() {
    var two = DecoderRun.ragged(4, 2);
    try (var run = new DecoderRun(0, List.of(two.get(0), DecoderRun.unsupervised(), two.get(1)))) {
      run.change(
          loss -> {
            double groups = loss.weight() == 0 ? 6 : 1;
            var shares =
                new Mean(loss.sum().detach().mul(0).add(loss.weight() == 0 ? 6 : 0), groups);
            var none = new Mean(Torch.full(Double.NaN, DType.FLOAT32, Device.CPU), 0);
            var metrics = Map.of("share", shares, "none", none);
            return new StepLoss(
                loss.sum(), loss.weight(), loss.supervised(), loss.tokens(), metrics);
          });
      var report = LoopRuns.train(run, LoopRuns.options(1, 3, null, Compat.NONE)).get(0);
      assertEquals(Map.of("share", 0.75), report.metrics());
    }
  }

  @Test
  void anUpdateWithNothingToLearnFromMovesNothing() {
    var steps = new ArrayList<Long>();
    var batches = List.of(DecoderRun.unsupervised(), DecoderRun.unsupervised());
    try (var run = new DecoderRun(0, batches)) {
      double[] before = run.weights();
      var reports =
          LoopRuns.train(
              run,
              LoopRuns.options(4, 1, null, Compat.NONE),
              new LossScale(false),
              loop -> steps.add(loop.optimizers().stepCount()));
      assertArrayEquals(before, run.weights());
      assertEquals(8, reports.size());
      assertTrue(reports.stream().allMatch(r -> r.applied() && r.skipped() == 0 && r.loss() == 0));
      assertTrue(steps.stream().allMatch(s -> s == 0), steps.toString());
    }
  }
}
