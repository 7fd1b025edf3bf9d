package org.panamind.dataset.bpe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A made-up text that a byte-level BPE can stumble over: English, Chinese, digits of several
 * scripts, punctuation, white space that Java's {@code \s} does not know, emoji, and words that
 * occur equally often so that ties decide. Run as a program it writes the text to a file.
 */
final class MixedText {
  private static final String[] SYLLABLES = {
    "ba", "lo", "ti", "ren", "mus", "ka", "pol", "ent", "shi", "or", "ing", "ed", "qu", "é", "ß"
  };
  private static final String[] HANZI = {
    "天", "地", "人", "水", "火", "山", "石", "田", "土", "中", "文", "大", "小", "明", "月", "日"
  };
  private static final String[] MARKS = {
    ".",
    ", ",
    "!",
    "? ",
    ";",
    "。",
    "，",
    "——",
    "...",
    "'s",
    "'t",
    "'re",
    "'ll ",
    "'T",
    "\"",
    "<|im_end|>",
    "(",
    ")"
  };
  private static final String[] SPACES = {
    " ", " ", " ", " ", "  ", "\t", "\u00A0", "\u3000", "\u2028", "   ", " \r", "\u0085", "\u200B"
  };
  private static final String[] ODD = {
    "😀", "👩‍👩‍👧", "𠀀", "٣٤", "Ⅷ", "½", "e\u0301", "नमस्ते", "\u0000", "\uFFFD"
  };

  private MixedText() {}

  /** Lines that end in a newline each, all but the last. */
  static List<String> lines(long seed, int count) {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder line = new StringBuilder();
      for (int words = random.nextInt(14); words >= 0; words--) {
        line.append(word(random)).append(SPACES[skewed(random, SPACES.length)]);
      }
      lines.add(i + 1 < count ? line.append('\n').toString() : line.toString());
    }
    return lines;
  }

  private static String word(Random random) {
    int kind = random.nextInt(20);
    if (kind < 11) {
      return repeated(SYLLABLES, 1 + random.nextInt(3), random);
    }
    if (kind < 15) {
      return repeated(HANZI, 1 + random.nextInt(4), random);
    }
    if (kind < 17) {
      return String.valueOf(random.nextInt(2000));
    }
    return kind < 19
        ? repeated(SYLLABLES, 1, random) + MARKS[random.nextInt(MARKS.length)]
        : ODD[random.nextInt(ODD.length)];
  }

  private static String repeated(String[] parts, int count, Random random) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < count; i++) {
      word.append(parts[skewed(random, parts.length)]);
    }
    return word.toString();
  }

  /** Small numbers more often, as words are in a language. */
  private static int skewed(Random random, int bound) {
    return Math.min(random.nextInt(bound), random.nextInt(bound));
  }

  public static void main(String[] args) throws IOException {
    Files.writeString(
        Path.of(args[0]), String.join("", lines(BpeTrainerTest.SEED, BpeTrainerTest.LINES)));
  }
}
