package org.panamind.host.train;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.panamind.dataset.order.RankShare;
import org.panamind.host.ExitCode;
import org.panamind.host.launch.LaunchOptions;
import org.panamind.host.launch.LaunchPlan;
import org.panamind.host.ranks.Faults;
import org.panamind.host.ranks.JoinedRanks;
import org.panamind.host.ranks.OneRank;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.RewardModel;
import org.panamind.stage.train.Precision;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.DistributedException;
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
   * @param rewards that are installed
   * @param plan whether it trains alone or as one of several ranks
   * @param launch how the ranks work together
   * @return {@link ExitCode#OK}, or {@link ExitCode#TERMINATED} when a signal ended the run
   */
  public static <C extends Record> ExitCode run(
      TrainingStage<C> stage,
      C config,
      Map<String, Object> values,
      Console console,
      List<RewardModel> rewards,
      LaunchPlan plan,
      LaunchOptions launch) {
    TrainingOptions options = stage.training(config);
    Device device = device(options, plan);
    DType precision = precision(options, device);
    // The outermost, so that the process does not end before models and files are closed.
    try (var stop = new StopSignal()) {
      try {
        Ranks ranks = join(plan, device, launch);
        var faults = Faults.of(launch.fault(), ranks);
        var companions = new Companions(ranks, launch.zero() == 1, faults);
        var setup =
            new RunSetup(stage.name(), options, values, console, device, precision, companions);
        var code = run(stage, config, setup, rewards, stop);
        ranks.close();
        return code;
      } catch (RuntimeException | Error e) {
        if (stop.requested()) stop.failed(ExitCode.report(e, false, System.err));
        throw e;
      }
    }
  }

  private static Ranks join(LaunchPlan plan, Device device, LaunchOptions launch) {
    return plan instanceof LaunchPlan.Join(var place)
        ? JoinedRanks.join(place, device, Duration.ofSeconds(launch.collectiveTimeout()))
        : new OneRank();
  }

  private static <C extends Record> ExitCode run(
      TrainingStage<C> stage,
      C config,
      RunSetup setup,
      List<RewardModel> rewards,
      StopSignal stop) {
    RankShare share = setup.ranks().share();
    Generators.seed(setup.options().seed());
    var context =
        new TrainingContext(
            setup.console(), setup.device(), setup.precision(), share, setup.ranks()::sum, rewards);
    try (TrainingRun<?> run = open(stage, config, context, setup.ranks())) {
      // All ranks open alike; what they draw from here on differs.
      if (share.rank() > 0) Generators.seed(setup.options().seed() + share.rank());
      return train(run, setup, stop);
    }
  }

  /** What the first rank makes (a sample text, its tokenizer) the others find. */
  private static <C extends Record> TrainingRun<?> open(
      TrainingStage<C> stage, C config, TrainingContext context, Ranks ranks) {
    if (!ranks.isFirst()) {
      ranks.meet();
      return stage.open(config, context);
    }
    var run = stage.open(config, context);
    ranks.meet();
    return run;
  }

  private static <B> ExitCode train(TrainingRun<B> run, RunSetup setup, StopSignal stop) {
    try (var session = new Session<>(run, setup)) {
      try {
        session.begin();
        stop.begin();
        session.train(stop::requested);
        boolean stopped = setup.ranks().any(stop.requested());
        session.finish(stopped);
        return stopped ? ExitCode.TERMINATED : ExitCode.OK;
      } catch (DistributedException e) {
        throw new StageException(
            ExitCode.RANK.number(),
            "rank %d in step %d: %s; --from_resume 1 goes on from the last checkpoint"
                .formatted(setup.ranks().share().rank(), session.step(), e.getMessage()),
            e);
      }
    }
  }

  private static Device device(TrainingOptions options, LaunchPlan plan) {
    Device device = named(options.device(), plan);
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

  /** Each rank of a machine has a GPU of its own. */
  private static Device named(String name, LaunchPlan plan) {
    Device device = name == null ? Device.best() : Device.parse(name);
    if (!device.isCuda() || !(plan instanceof LaunchPlan.Join(var place))) return device;
    if (name != null && name.contains(":") && place.localWorld() > 1) {
      throw new ConfigException(
          "--device is "
              + name
              + ", but "
              + place.localWorld()
              + " ranks need a GPU each; say cuda");
    }
    return name != null && name.contains(":") ? device : Device.cuda(place.localRank());
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
