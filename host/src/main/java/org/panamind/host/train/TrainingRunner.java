package org.panamind.host.train;

import java.util.Map;
import org.panamind.dataset.order.RankShare;
import org.panamind.host.ExitCode;
import org.panamind.stage.Console;
import org.panamind.stage.train.Precision;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;

/**
 * From a stage and its config to a finished run: device, seeds, resume, training, saving, the last
 * lines.
 */
public final class TrainingRunner {
  private TrainingRunner() {}

  /**
   * Runs to the end, or to a signal.
   *
   * @param values the resolved options by name, for the checkpoint
   * @return {@link ExitCode#OK}, or {@link ExitCode#TERMINATED} when a signal ended the run
   */
  public static <C extends Record> ExitCode run(
      TrainingStage<C> stage, C config, Map<String, Object> values, Console console) {
    TrainingOptions options = stage.training(config);
    Device device = device(options, console);
    DType precision = precision(options, device);
    Generators.seed(options.seed());
    var context = new TrainingContext(console, device, RankShare.ALONE);
    try (TrainingRun<?> run = stage.open(config, context)) {
      return run(stage.name(), run, options, values, console, device, precision);
    }
  }

  private static <B> ExitCode run(
      String stage,
      TrainingRun<B> run,
      TrainingOptions options,
      Map<String, Object> values,
      Console console,
      Device device,
      DType precision) {
    var store =
        new CheckpointStore(
            options.checkpointDir().resolve(run.outputName()), options.keepCheckpoints());
    var outputs = new Outputs(options.saveDir(), run.outputName(), store.folder(), console);
    try (var stop = new StopSignal();
        var session =
            new Session<>(
                stage, run, options, values, console, device, precision, store, outputs)) {
      if (options.fromResume()) session.resume();
      session.train(stop::requested);
      session.finish(stop.requested());
      return stop.requested() ? ExitCode.TERMINATED : ExitCode.OK;
    }
  }

  private static Device device(TrainingOptions options, Console console) {
    Device device = options.device() == null ? Device.best() : Device.parse(options.device());
    if (device.isCuda() && device.index() >= Device.cudaCount()) {
      throw new org.panamind.stage.ConfigException(
          "--device is "
              + device
              + ", but LibTorch sees "
              + Device.cudaCount()
              + " CUDA devices; host doctor tells why");
    }
    device.makeCurrent();
    return device;
  }

  private static DType precision(TrainingOptions options, Device device) {
    if (options.dtype() != null) return options.dtype().type();
    return device.isCuda() ? Precision.BFLOAT16.type() : Precision.FLOAT32.type();
  }
}
