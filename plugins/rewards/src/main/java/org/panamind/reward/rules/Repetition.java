package org.panamind.reward.rules;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.panamind.stage.ConfigException;
import org.panamind.stage.reward.Reply;

/**
 * A penalty for saying the same again: minus the share of the reply's n-grams that occurred before
 * in it, at most 0.5. The n-grams are of characters, so that text without spaces or punctuation,
 * such as a Chinese loop, counts like any other; runs of white space are one space. With 8
 * characters about 3 % of natural English or Chinese text of 800 characters repeats.
 *
 * @param size characters (Unicode code points) of an n-gram
 */
record Repetition(int size) implements Rule {
  private static final double MOST = 0.5;
  private static final Pattern SIZE = Pattern.compile("[1-9]\\d{0,3}");
  private static final Pattern SPACE = Pattern.compile("[\\p{Z}\\s]+");

  static Repetition parse(String text) {
    if (!SIZE.matcher(text).matches())
      throw new ConfigException(
          "the n-gram of repetition is \"%s\", must be from 1 to 9999 characters, as in repetition:8"
              .formatted(text));
    return new Repetition(Integer.parseInt(text));
  }

  @Override
  public double score(Reply reply) {
    String text = SPACE.matcher(reply.text()).replaceAll(" ").strip();
    int[] starts = codePointStarts(text);
    int count = starts.length - size;
    if (count <= 0) return 0;
    Set<String> distinct = new HashSet<>();
    for (int i = 0; i < count; i++) distinct.add(text.substring(starts[i], starts[i + size]));
    return -Math.min(MOST, 1 - (double) distinct.size() / count);
  }

  /** Where each code point begins, and where the last one ends. */
  private static int[] codePointStarts(String text) {
    var starts = new int[text.codePointCount(0, text.length()) + 1];
    for (int i = 1; i < starts.length; i++) starts[i] = text.offsetByCodePoints(starts[i - 1], 1);
    return starts;
  }
}
