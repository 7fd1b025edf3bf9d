package org.panamind.host.train;

import java.util.Locale;
import java.util.Map;
import org.panamind.dataset.order.RankShare;
import org.panamind.host.ExitCode;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.train.Precision;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Torch;
import org.panamind.torch.TorchException;

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
    Device device = device(options);
    var setup =
        new RunSetup(stage.name(), options, values, console, device, precision(options, device));
    Generators.seed(options.seed());
    var context = new TrainingContext(console, device, RankShare.ALONE);
    // The outermost, so that the process does not end before models and files are closed.
    try (var stop = new StopSignal()) {
      try (TrainingRun<?> run = stage.open(config, context)) {
        return train(run, setup, stop);
      } catch (RuntimeException | Error e) {
        if (stop.requested()) stop.failed(ExitCode.report(e, false, System.err));
        throw e;
      }
    }
  }

  private static <B> ExitCode train(TrainingRun<B> run, RunSetup setup, StopSignal stop) {
    try (var session = new Session<>(run, setup)) {
      if (setup.options().fromResume()) session.resume();
      stop.begin();
      session.train(stop::requested);
      boolean stopped = stop.requested();
      session.finish(stopped);
      return stopped ? ExitCode.TERMINATED : ExitCode.OK;
    }
  }

  private static Device device(TrainingOptions options) {
    Device device = options.device() == null ? Device.best() : Device.parse(options.device());
    if (device.isCuda() && device.index() >= Device.cudaCount()) {
      throw new ConfigException(
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
    if (options.dtype() == null)
      return device.isCuda() ? Precision.BFLOAT16.type() : Precision.FLOAT32.type();
    DType type = options.dtype().type();
    try (var probe = Autocast.enter(device, type)) {
      return type;
    } catch (TorchException e) {
      throw new ConfigException(
          "--dtype is %s, which LibTorch %s cannot compute with on %s (%s)"
              .formatted(
                  options.dtype().name().toLowerCase(Locale.ROOT),
                  Torch.version(),
                  device,
                  e.getMessage()),
          e);
    }
  }
}
