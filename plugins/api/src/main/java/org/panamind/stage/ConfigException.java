package org.panamind.stage;

/**
 * A user's mistake in flags or in a config file; exit code 64. The message names the flag and the
 * value: {@code --batch_size is 0, must be at least 1}.
 */
public final class ConfigException extends StageException {
  private static final long serialVersionUID = 1L;

  /** Exit code of usage and config errors (sysexits' EX_USAGE). */
  public static final int EXIT_CODE = 64;

  /**
   * Makes an error of usage.
   *
   * @param message names the flag or key and its value, and what would be right
   */
  public ConfigException(String message) {
    super(EXIT_CODE, message);
  }

  /**
   * Makes an error of usage with its cause.
   *
   * @param message names the flag or key and its value, and what would be right
   * @param cause what was thrown below
   */
  public ConfigException(String message, Throwable cause) {
    super(EXIT_CODE, message, cause);
  }
}
