package org.panamind.host;

import java.util.function.Supplier;
import org.panamind.host.launch.LaunchPlan;
import org.panamind.host.plugin.StageCatalog;
import org.panamind.host.ranks.RankConsole;
import org.panamind.stage.Console;

/**
 * What a command or a stage's run finds around it.
 *
 * @param console where lines and progress go
 * @param streams what lies below the console, to read from and to write parts of lines to
 * @param columns width of the terminal, for help
 * @param debug whether {@code --debug} was given
 * @param stages loads the installed stages when first asked; the same catalog each time
 */
public record HostEnvironment(
    Console console, Streams streams, int columns, boolean debug, Supplier<StageCatalog> stages) {
  /** The same, silent for a rank that is not the first. */
  HostEnvironment forRank(LaunchPlan plan) {
    boolean silent = plan instanceof LaunchPlan.Join join && join.place().rank() > 0;
    return silent ? new HostEnvironment(new RankConsole(), streams, columns, debug, stages) : this;
  }
}
