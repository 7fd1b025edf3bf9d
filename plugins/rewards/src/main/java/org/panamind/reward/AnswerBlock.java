package org.panamind.reward;

import java.util.Optional;
import java.util.regex.Pattern;

/** What a reasoned reply gives as its answer. */
public final class AnswerBlock {
  private static final Pattern BLOCK = Pattern.compile("<answer>(.*?)</answer>", Pattern.DOTALL);
  private static final String END_OF_THINKING = "</think>";

  private AnswerBlock() {}

  /** The text of the first {@code <answer>} block without white space at its ends, if any. */
  public static Optional<String> in(String reply) {
    var matcher = BLOCK.matcher(reply);
    return matcher.find() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
  }

  /**
   * The block's text, else what follows the thinking block, else the whole reply; without white
   * space at its ends.
   */
  public static String orAll(String reply) {
    return in(reply)
        .orElseGet(
            () -> {
              int end = reply.lastIndexOf(END_OF_THINKING);
              return end < 0
                  ? reply.strip()
                  : reply.substring(end + END_OF_THINKING.length()).strip();
            });
  }
}
