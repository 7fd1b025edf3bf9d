package org.panamind.stage;

/**
 * An error that ends a stage and that its user can read: what, where, which value, what to do, in
 * one line. The host prints the message without a stack trace and exits with {@link #exitCode()}.
 */
public class StageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /**
   * Makes an error with the exit code of its kind.
   *
   * @param exitCode 64 usage or config, 65 data, 70 internal or native, 74 I/O, 75 a rank failed,
   *     77 diverged
   * @param message the whole story in one line
   */
  public StageException(int exitCode, String message) {
    this(exitCode, message, null);
  }

  /**
   * Makes an error with its cause, which {@code --debug} shows.
   *
   * @param exitCode as in {@link #StageException(int, String)}
   * @param message the whole story in one line
   * @param cause what was thrown below, or null
   */
  public StageException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The exit code of the process, as listed in {@link #StageException(int, String)}. */
  public final int exitCode() {
    return exitCode;
  }
}
