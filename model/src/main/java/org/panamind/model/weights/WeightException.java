package org.panamind.model.weights;

import java.nio.file.Path;

/**
 * Weights that are missing, damaged, hostile or of another model. The message is complete in one
 * line: file, byte, reason, what to do. The host ends with exit code 65.
 */
public final class WeightException extends RuntimeException {
  private static final int LONGEST_NAME = 120;

  private final transient Path file;
  private final long offset;

  /**
   * @param file the weight file
   * @param offset byte of the file where the fault shows, negative when none is meaningful
   * @param reason what is wrong, with the value, without a full stop
   * @param remedy what the user can do, a whole sentence
   */
  public WeightException(Path file, long offset, String reason, String remedy) {
    super(file + (offset < 0 ? ": " : ": byte " + offset + ": ") + reason + ". " + remedy);
    this.file = file;
    this.offset = offset;
  }

  /** The weight file. */
  public Path file() {
    return file;
  }

  /** Byte of the file where the fault shows, or -1. */
  public long offset() {
    return Math.max(offset, -1);
  }

  /**
   * A name out of a file, safe to print: control characters, which could forge lines of a log or
   * steer a terminal, are escaped, and a long name is cut.
   */
  static String printable(String name) {
    StringBuilder out = new StringBuilder("\"");
    int end = Math.min(name.length(), LONGEST_NAME);
    for (int i = 0; i < end; i++) {
      char c = name.charAt(i);
      boolean plain =
          c >= ' ' && !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
      out.append(plain ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }
    return out.append(end < name.length() ? "…\"" : "\"").toString();
  }
}
