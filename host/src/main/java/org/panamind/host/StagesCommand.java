package org.panamind.host;

import java.util.List;
import org.panamind.host.cli.HelpPage;
import org.panamind.host.plugin.InstalledStage;
import org.panamind.host.plugin.StageCatalog;

/** {@code host stages [NAME]}: what is installed, with each stage's options. */
final class StagesCommand implements Command<StagesCommand.Options> {
  /** It takes no flags of its own. */
  record Options() {
    static final Options DEFAULT = new Options();
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
      environment.console().info(page(stage, environment.columns()));
    }
    if (shown.isEmpty()) {
      environment.console().warn("no stage is installed in " + catalog.folder());
    }
    return catalog.problems().isEmpty() ? ExitCode.OK : ExitCode.USAGE;
  }

  private static String page(InstalledStage<?> stage, int columns) {
    String heading = stage.name() + " " + stage.version() + ": " + stage.stage().summary();
    return HelpPage.of(heading, columns).options(stage.schema().options()).text();
  }
}
