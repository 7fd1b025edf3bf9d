package org.panamind.dataset;

import java.nio.file.Path;

/**
 * Says what is wrong with a user's data: what, where, which value, what to do, in one line.
 *
 * <p>Thrown for bad data only; a file that cannot be read at all is a {@link
 * java.io.UncheckedIOException}, and a wrong argument an {@link IllegalArgumentException}.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an error from a whole message. */
  public DataException(String message) {
    super(message);
  }

  /** Makes an error from a whole message and what led to it. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The error of one line, in the form {@code file:line: what}.
   *
   * @param file the file as the user named it
   * @param line the line, counted from 1
   * @param what what is wrong and what to do
   */
  public static DataException atLine(Path file, long line, String what) {
    return new DataException(file + ":" + line + ": " + what);
  }

  /** The error of a whole file, in the form {@code file: what}. */
  public static DataException inFile(Path file, String what) {
    return new DataException(file + ": " + what);
  }
}
