package org.panamind.host.chat;

/**
 * What several typed lines mean: a line that ends in a backslash goes on in the next, and so does
 * everything between {@code """} and {@code """}.
 */
final class Typed {
  private static final String QUOTES = "\"\"\"";

  private Typed() {}

  /** Whether no further line belongs to this. */
  static boolean isComplete(String lines) {
    if (!isQuoted(lines)) return !lines.endsWith("\\");
    String stripped = lines.strip();
    return stripped.length() >= 2 * QUOTES.length() && stripped.endsWith(QUOTES);
  }

  /** The text that is meant. */
  static String text(String lines) {
    if (!isQuoted(lines)) return lines.replace("\\\n", "\n");
    String inner = lines.strip().substring(QUOTES.length());
    if (inner.endsWith(QUOTES)) inner = inner.substring(0, inner.length() - QUOTES.length());
    inner = inner.startsWith("\n") ? inner.substring(1) : inner;
    return inner.endsWith("\n") ? inner.substring(0, inner.length() - 1) : inner;
  }

  private static boolean isQuoted(String lines) {
    return lines.stripLeading().startsWith(QUOTES);
  }
}
