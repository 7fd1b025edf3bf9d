package org.panamind.host.console;

import java.io.Console;

/**
 * Whether someone watches, and how wide the window is.
 *
 * @param interactive whether progress is drawn in place
 * @param columns width in characters
 */
public record Terminal(boolean interactive, int columns) {
  private static final int DEFAULT_COLUMNS = 100;
  private static final int LEAST_COLUMNS = 40;

  /** No terminal: a pipe, a file, a CI log. */
  public static final Terminal NONE = new Terminal(false, DEFAULT_COLUMNS);

  /**
   * Asks {@code -Dpanamind.columns} (0: no terminal), which bin/host sets since the shell knows
   * standard error's width at no cost; else the JDK, which knows only whether there is a terminal.
   */
  public static Terminal detect() {
    String given = System.getProperty("panamind.columns");
    if (given != null && given.matches("\\d{1,4}")) {
      int columns = Integer.parseInt(given);
      return columns == 0 ? NONE : new Terminal(true, Math.max(columns, LEAST_COLUMNS));
    }
    Console console = System.console();
    boolean interactive = console != null && console.isTerminal();
    return new Terminal(interactive, DEFAULT_COLUMNS);
  }
}
