package org.panamind.dataset.bpe;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into the words that merges never cross: the pattern of Hugging Face's ByteLevel
 * pre-tokenizer (GPT-2's), without a prefix space. Java's {@code \s} knows ASCII only, hence the
 * property.
 */
final class WordSplitter {
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+"
              + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+");

  private WordSplitter() {}

  /** Hands each word of {@code text} to {@code sink}; together they are the whole text. */
  static void split(CharSequence text, Consumer<String> sink) {
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      sink.accept(matcher.group());
    }
  }
}
