package org.panamind.dataset.template;

import java.util.Arrays;
import java.util.Objects;

/**
 * A string that knows where each of its characters came from: from the template itself, or from a
 * source that the caller numbered. Cutting and joining keep that knowledge, so that in a rendered
 * text the words of a user can be told from markers of the template, whatever the words are.
 *
 * <p>Equality is that of the characters. Positions count UTF-16 units unless said otherwise.
 */
public final class Text {
  /** The source of what the template wrote. */
  public static final int TEMPLATE = -1;

  static final Text EMPTY = new Text("", null);

  private final String chars;
  private final int[] sources;

  /**
   * @param sources one for each char, or null when all are {@link #TEMPLATE}
   */
  private Text(String chars, int[] sources) {
    this.chars = chars;
    this.sources = sources;
  }

  /** A text that counts as the template's own. */
  public static Text of(String chars) {
    return new Text(chars, null);
  }

  /**
   * A text from a source.
   *
   * @param source any number from 0
   */
  public static Text of(String chars, int source) {
    int[] sources = new int[chars.length()];
    Arrays.fill(sources, source);
    return new Text(chars, sources);
  }

  /** A text with a source for each char, or {@code null} for the template's; takes the array. */
  static Text of(String chars, int[] sources) {
    return new Text(chars, sources);
  }

  /** How many chars it has. */
  public int length() {
    return chars.length();
  }

  /** Where the char at {@code index} came from. */
  public int sourceAt(int index) {
    return sources == null ? TEMPLATE : sources[index];
  }

  /** Whether the template wrote all chars from {@code from} to before {@code to}. */
  public boolean isTemplate(int from, int to) {
    Objects.checkFromToIndex(from, to, chars.length());
    for (int i = from; sources != null && i < to; i++) {
      if (sources[i] != TEMPLATE) {
        return false;
      }
    }
    return true;
  }

  /** The chars from {@code from} to before {@code to}. */
  public Text substring(int from, int to) {
    if (from == 0 && to == chars.length()) {
      return this;
    }
    int[] part = sources == null ? null : Arrays.copyOfRange(sources, from, to);
    return new Text(chars.substring(from, to), part);
  }

  /** This text with {@code more} behind it. */
  public Text plus(Text more) {
    if (more.chars.isEmpty()) {
      return this;
    }
    return chars.isEmpty() ? more : new TextBuilder().append(this).append(more).build();
  }

  /** The same characters in another form of as many chars, such as upper case. */
  Text withChars(String form) {
    if (sources == null || form.length() == chars.length()) {
      return new Text(form, sources);
    }
    return chars.isEmpty() ? this : of(form, sources[0]);
  }

  /** How many characters Python counts: code points. */
  int codePoints() {
    return chars.codePointCount(0, chars.length());
  }

  /** The position of code point number {@code index}. */
  int offsetOf(int index) {
    return chars.offsetByCodePoints(0, index);
  }

  void appendTo(StringBuilder out) {
    out.append(chars);
  }

  void copySources(int[] target, int at) {
    if (sources == null) {
      Arrays.fill(target, at, at + chars.length(), TEMPLATE);
    } else {
      System.arraycopy(sources, 0, target, at, sources.length);
    }
  }

  boolean isAllTemplate() {
    return sources == null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Text text && text.chars.equals(chars);
  }

  @Override
  public int hashCode() {
    return chars.hashCode();
  }

  /** The characters. */
  @Override
  public String toString() {
    return chars;
  }
}
