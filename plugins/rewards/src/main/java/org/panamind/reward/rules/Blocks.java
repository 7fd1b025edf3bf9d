package org.panamind.reward.rules;

import java.util.List;
import java.util.regex.Pattern;

/** MiniMind's rewards for a reply that is a thinking block and then an answer block. */
final class Blocks {
  /** MiniMind's two patterns in one; {@code $} may stand before a last newline, as in Python. */
  private static final Pattern WHOLE =
      Pattern.compile(
          "^<think>\\n.*?\\n</think>\\n(\\n)?<answer>\\n.*?\\n</answer>$",
          Pattern.DOTALL | Pattern.UNIX_LINES);

  private static final List<String> TAGS = List.of("<think>", "</think>", "<answer>", "</answer>");

  private Blocks() {}

  /** Half a point for a reply that is both blocks, each on lines of its own. */
  static double format(String reply) {
    return WHOLE.matcher(reply).find() ? 0.5 : 0;
  }

  /** A quarter of a point for each tag that occurs exactly once. */
  static double tags(String reply) {
    return 0.25 * TAGS.stream().filter(tag -> occursOnce(reply, tag)).count();
  }

  private static boolean occursOnce(String reply, String tag) {
    int first = reply.indexOf(tag);
    return first >= 0 && reply.indexOf(tag, first + tag.length()) < 0;
  }
}
