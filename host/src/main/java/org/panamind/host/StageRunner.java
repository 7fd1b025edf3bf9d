package org.panamind.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.panamind.host.launch.LaunchOptions;
import org.panamind.host.launch.LaunchPlan;
import org.panamind.host.plugin.InstalledStage;
import org.panamind.host.train.TrainingRunner;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Stage;
import org.panamind.stage.StageContext;
import org.panamind.stage.ToolStage;
import org.panamind.stage.reward.RewardModel;
import org.panamind.stage.train.TrainingStage;

/** Runs a stage by its kind. */
final class StageRunner {
  private static final String OUT_FOLDER = "out";
  private static final long SEED = 42;
  private static final String DEVICE = "cpu";

  private StageRunner() {}

  /**
   * Runs to the end.
   *
   * @param installed the stage with its schema
   * @param config its resolved options
   * @param plan whether it trains alone or as one of several ranks
   */
  static <C extends Record> ExitCode run(
      InstalledStage<C> installed,
      C config,
      LaunchPlan plan,
      LaunchOptions launch,
      HostEnvironment environment)
      throws IOException {
    Stage<C> stage = installed.stage();
    environment.console().info(stage.name() + ": " + resolved(installed, config));
    switch (stage) {
      case ToolStage<C> tool -> tool.run(config, context(installed, config, environment));
      case TrainingStage<C> training -> {
        Map<String, Object> values = installed.schema().values(config);
        var rewards = environment.stages().get().extensions(RewardModel.class);
        return TrainingRunner.run(
            training, config, values, environment.console(), rewards, plan, launch);
      }
      default ->
          throw new ConfigException(
              "stage "
                  + installed.name()
                  + " of "
                  + installed.jar()
                  + " is of a kind that this host cannot run; it was built for another version");
    }
    return ExitCode.OK;
  }

  /** The resolved options in one line, once per run. */
  private static <C extends Record> String resolved(InstalledStage<C> installed, C config) {
    return installed.schema().texts(config).entrySet().stream()
        .map(option -> option.getKey() + "=" + option.getValue())
        .collect(Collectors.joining(" "));
  }

  /** Fills the context from the stage's options of the same names. */
  private static <C extends Record> StageContext context(
      InstalledStage<C> installed, C config, HostEnvironment environment) {
    Map<String, Object> values = installed.schema().values(config);
    Object folder = values.get("save_dir");
    Object seed = values.get("seed");
    Object device = values.get("device");
    return new StageContext(
        Path.of(folder == null ? OUT_FOLDER : folder.toString()),
        environment.console(),
        seed instanceof Number number ? number.longValue() : SEED,
        device == null ? DEVICE : device.toString());
  }
}
