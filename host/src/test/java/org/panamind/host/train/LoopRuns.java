package org.panamind.host.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.DType;
import org.panamind.torch.Device;

/** Runs the loop alone and collects its reports. */
final class LoopRuns {
  private LoopRuns() {}

  /** Options of the loop that tests vary; everything else as a stage has it. */
  static TrainingOptions options(int epochs, int accumulation, Integer maxSteps, Compat compat) {
    return options(epochs, accumulation, maxSteps, compat, false);
  }

  /** The same, going on from a checkpoint or not. */
  static TrainingOptions options(
      int epochs, int accumulation, Integer maxSteps, Compat compat, boolean fromResume) {
    return new TrainingOptions(
        epochs,
        2,
        accumulation,
        1e-2,
        0,
        1.0,
        0.01,
        0,
        maxSteps,
        1,
        1,
        null,
        2,
        3,
        Path.of("out"),
        Path.of("checkpoints"),
        "w",
        fromResume,
        "cpu",
        null,
        1,
        42,
        compat);
  }

  static <B> List<UpdateReport> train(TrainingRun<B> run, TrainingOptions options) {
    return train(run, options, new LossScale(false), loop -> {});
  }

  /**
   * Trains to the end.
   *
   * @param each hears of the loop after every update, before the next
   */
  static <B> List<UpdateReport> train(
      TrainingRun<B> run,
      TrainingOptions options,
      LossScale scale,
      Consumer<TrainingLoop<B>> each) {
    var reports = new ArrayList<UpdateReport>();
    var loop = new ArrayList<TrainingLoop<B>>();
    var listener =
        new TrainingLoop.Listener() {
          @Override
          public void update(UpdateReport report) {
            reports.add(report);
            each.accept(loop.get(0));
          }
        };
    loop.add(new TrainingLoop<>(run, options, Device.CPU, DType.FLOAT32, scale, listener));
    try (var open = loop.get(0)) {
      open.train(() -> false);
    }
    return reports;
  }

  /** Mean losses of the micro-batches, in order. */
  static <B> List<Double> microBatchMeans(TrainingRun<B> run, TrainingOptions options) {
    var means = new ArrayList<Double>();
    var listener =
        new TrainingLoop.Listener() {
          @Override
          public void microBatch(StepLoss loss, double learningRate) {
            means.add(loss.sum().item() / loss.weight());
          }
        };
    var loop = new TrainingLoop<>(run, options, Device.CPU, DType.FLOAT32, listener);
    try (loop) {
      loop.train(() -> false);
    }
    return means;
  }
}
