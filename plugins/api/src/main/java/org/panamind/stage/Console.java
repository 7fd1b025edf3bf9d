package org.panamind.stage;

/**
 * Where a stage talks to its user. Results go to standard output, warnings and progress to standard
 * error, so that a pipe gets results only. Under several ranks only rank 0 prints.
 */
public interface Console {
  /**
   * Prints a line of results.
   *
   * @param line without its newline
   */
  void info(String line);

  /**
   * Prints a line that the user should see but that ends nothing.
   *
   * @param line without its newline and without a prefix
   */
  void warn(String line);

  /**
   * Begins a piece of work: a bar with the time left on a terminal, else a plain line now and then.
   *
   * @param task a word or two, for example {@code pretrain}
   * @param total units in all, or -1 when nobody knows
   * @param unit name of the unit, for example {@code step}
   * @return to be closed when the work ends
   */
  Progress progress(String task, long total, String unit);
}
