package org.panamind.host;

import java.io.IOException;
import java.util.List;

/**
 * Something that {@code host NAME} does and that is no stage: listing, looking, measuring, talking.
 * Added to the host by a line in {@link Commands}.
 *
 * @param <C> the record of its options, read by the same walker as a stage's
 */
public interface Command<C extends Record> {
  /** The first word on the command line: lower-case letters, digits and hyphens. */
  String name();

  /** One line for {@code host --help}. */
  String summary();

  /** The record of its options; it has a static field {@code DEFAULT}. */
  Class<C> options();

  /**
   * What it takes beside flags, as the help shows it, for example {@code [NAME]}.
   *
   * @return empty, the default, when words that are no flags are an error
   */
  default String arguments() {
    return "";
  }

  /**
   * Does the work. Errors are thrown, not returned.
   *
   * @param options resolved from defaults, {@code --config} and flags
   * @param arguments the words that are no flags
   * @param environment console and installed stages
   * @return the exit code, {@link ExitCode#OK} when all went well
   * @throws IOException if a file cannot be read or written
   */
  ExitCode run(C options, List<String> arguments, HostEnvironment environment) throws IOException;
}
