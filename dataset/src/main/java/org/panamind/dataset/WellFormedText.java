package org.panamind.dataset;

/** Makes strings fit for UTF-8: a JSON escape can smuggle in half a surrogate pair. */
public final class WellFormedText {
  private WellFormedText() {}

  /**
   * Replaces every lone surrogate by U+FFFD. A single one would corrupt the whole string on its way
   * into the native tokenizer.
   *
   * @return {@code text} itself when it has none
   */
  public static String of(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!startsPair(text, i)) {
          return repaired(text, i);
        }
        i++;
      }
    }
    return text;
  }

  private static boolean startsPair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  private static String repaired(String text, int firstLone) {
    StringBuilder out = new StringBuilder(text.length()).append(text, 0, firstLone);
    for (int i = firstLone; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        out.append(c);
      } else if (startsPair(text, i)) {
        out.append(c).append(text.charAt(++i));
      } else {
        out.append('\uFFFD');
      }
    }
    return out.toString();
  }
}
