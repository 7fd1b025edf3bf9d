package org.panamind.host;

import java.nio.file.Path;
import org.panamind.stage.config.Option;

/**
 * The flags that every stage and every command takes.
 *
 * @param config file of values below the flags, or null
 * @param dryRun print the resolved options and stop
 * @param plugins folder of stage jars, or null for the one beside the program
 * @param debug show stack traces and the log
 * @param help print the help and stop
 * @param version print the version and stop
 */
public record HostOptions(
    @Option(help = "JSON file of options; flags stand above it", group = GROUP) Path config,
    @Option(help = "print the resolved options as JSON and stop", group = GROUP) boolean dryRun,
    @Option(help = "folder of stage plugins; without it the one beside the program", group = GROUP)
        Path plugins,
    @Option(help = "show stack traces, the log and every update", group = GROUP) boolean debug,
    @Option(help = "print this help and stop", group = GROUP) boolean help,
    @Option(help = "print the version and stop", group = GROUP) boolean version) {

  /** The heading of these flags in the help. */
  static final String GROUP = "Host";

  /** Nothing asked for. */
  static final HostOptions DEFAULT = new HostOptions(null, false, null, false, false, false);
}
