package org.panamind.host;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.panamind.host.cli.HelpPage;
import org.panamind.host.plugin.InstalledStage;
import org.panamind.host.plugin.StageCatalog;
import org.panamind.stage.Stage;
import org.panamind.stage.config.Option;
import org.panamind.stage.config.OptionSpec;
import org.panamind.stage.reward.RewardModel;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingStage;

/** {@code host stages [NAME]}: what is installed, with each stage's options, and the rewards. */
final class StagesCommand implements Command<StagesCommand.Options> {
  /**
   * How to list.
   *
   * @param markdown for the README rather than for a terminal
   */
  record Options(@Option(help = "write Markdown tables, as for a README") boolean markdown) {
    static final Options DEFAULT = new Options(false);
  }

  @Override
  public String name() {
    return "stages";
  }

  @Override
  public String summary() {
    return "lists the installed stages and their options";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public String arguments() {
    return "[NAME]";
  }

  /** Exits with the code of usage if a jar was refused, after the good stages are listed. */
  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment) {
    StageCatalog catalog = environment.stages().get();
    List<InstalledStage<?>> shown =
        arguments.isEmpty()
            ? catalog.stages()
            : arguments.stream().<InstalledStage<?>>map(catalog::require).toList();
    for (InstalledStage<?> stage : shown) {
      environment
          .console()
          .info(options.markdown() ? markdown(stage) : page(stage, environment.columns()));
    }
    if (arguments.isEmpty() && !options.markdown()) rewards(catalog, environment);
    if (shown.isEmpty()) {
      environment.console().warn("no stage is installed in " + catalog.folder());
    }
    return catalog.problems().isEmpty() ? ExitCode.OK : ExitCode.USAGE;
  }

  private static void rewards(StageCatalog catalog, HostEnvironment environment) {
    Map<String, String> summaries = new TreeMap<>();
    for (RewardModel reward : catalog.extensions(RewardModel.class))
      summaries.put(reward.name(), reward.summary());
    if (summaries.isEmpty()) return;
    String heading = "rewards for --reward NAME:ARGUMENT, joined by +";
    environment
        .console()
        .info(HelpPage.of("", environment.columns()).table(heading, summaries).text().strip());
  }

  private static String page(InstalledStage<?> stage, int columns) {
    String heading = stage.name() + " " + stage.version() + ": " + stage.stage().summary();
    return HelpPage.of(heading, columns)
        .options(stage.schema().options())
        .departures(stage.stage())
        .text();
  }

  private static String markdown(InstalledStage<?> stage) {
    StringBuilder table = new StringBuilder();
    table.append("### `%s`%n%n%s%n%n".formatted(stage.name(), stage.stage().summary()));
    table.append("| flag | default | unit | meaning |%n| --- | --- | --- | --- |%n".formatted());
    for (OptionSpec option : stage.schema().options()) {
      String flag = (option.flag() + " " + option.valueHint()).replace("|", "\\|");
      String unit = option.unit().isEmpty() ? "" : " " + option.unit();
      table.append(
          "| `%s` | `%s` |%s | %s |%n"
              .formatted(flag, option.defaultText(), unit, cell(option.help())));
    }
    departures(stage.stage(), table);
    return table.toString();
  }

  private static void departures(Stage<?> stage, StringBuilder table) {
    if (!(stage instanceof TrainingStage<?> training)) return;
    table.append("%n| point | default | with `--compat` |%n| --- | --- | --- |%n".formatted());
    for (Departure departure : training.departures()) {
      table.append(
          "| %s | %s | %s |%n"
              .formatted(
                  cell(departure.point()),
                  cell(departure.byDefault()),
                  cell(departure.inCompat())));
    }
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;");
  }
}
