package org.panamind.dataset.template;

import java.util.Arrays;

/** Puts texts together. Sources cost nothing until a text comes that has some. */
final class TextBuilder {
  /** More than any chat; a template that doubles its text stops here and not at the heap's end. */
  private static final int MOST_CHARS = 1 << 26;

  private final StringBuilder chars = new StringBuilder();
  private int[] sources;

  int length() {
    return chars.length();
  }

  TextBuilder append(Text text) {
    int at = chars.length();
    grow(at + (long) text.length());
    if (!text.isAllTemplate() && sources == null) {
      sources = new int[Math.max(64, 2 * (at + text.length()))];
      Arrays.fill(sources, 0, at, Text.TEMPLATE);
    }
    text.appendTo(chars);
    if (sources != null) {
      text.copySources(sources, at);
    }
    return this;
  }

  TextBuilder append(String template) {
    int at = chars.length();
    grow(at + (long) template.length());
    chars.append(template);
    if (sources != null) {
      Arrays.fill(sources, at, chars.length(), Text.TEMPLATE);
    }
    return this;
  }

  TextBuilder append(String form, int source) {
    return source == Text.TEMPLATE ? append(form) : append(Text.of(form, source));
  }

  private void grow(long needed) {
    if (needed > MOST_CHARS) {
      throw new Fault("makes a text of more than " + MOST_CHARS + " characters");
    }
    if (sources != null && needed > sources.length) {
      sources = Arrays.copyOf(sources, (int) Math.min(MOST_CHARS, 2 * needed));
    }
  }

  Text build() {
    return Text.of(
        chars.toString(), sources == null ? null : Arrays.copyOf(sources, chars.length()));
  }
}
