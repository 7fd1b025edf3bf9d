package org.panamind.dataset.bpe;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** All distinct words as runs of symbols in one array; merging shortens a run in place. */
final class Words {
  private final int[] starts;
  private final int[] lengths;
  private final long[] counts;
  private int[] symbols = new int[1 << 16];
  private int used;
  private int size;

  /** Told of each change to a pair's occurrences in one word. */
  interface Changes {
    void change(int left, int right, int by);
  }

  /**
   * Spells every word in bytes.
   *
   * @param symbolOfByte the symbol of each byte, 256 of them
   */
  Words(WordCounts words, int[] symbolOfByte) {
    starts = new int[words.size()];
    lengths = new int[words.size()];
    counts = new long[words.size()];
    words.forEach((word, count) -> add(word.getBytes(StandardCharsets.UTF_8), count, symbolOfByte));
  }

  private void add(byte[] bytes, long count, int[] symbolOfByte) {
    if (used + bytes.length > symbols.length) {
      symbols = Arrays.copyOf(symbols, Math.max(used + bytes.length, Math.multiplyExact(used, 2)));
    }
    starts[size] = used;
    lengths[size] = bytes.length;
    counts[size++] = count;
    for (byte b : bytes) {
      symbols[used++] = symbolOfByte[b & 0xFF];
    }
  }

  int size() {
    return size;
  }

  long count(int word) {
    return counts[word];
  }

  /** Reports every pair of a word as gained once per occurrence. */
  void pairs(int word, Changes changes) {
    int end = starts[word] + lengths[word] - 1;
    for (int i = starts[word]; i < end; i++) {
      changes.change(symbols[i], symbols[i + 1], 1);
    }
  }

  /**
   * Replaces {@code left right} by {@code merged} throughout one word, left to right, and reports
   * the pairs lost and gained beside each place. The merged pair itself is not reported: the order
   * of merges of the Hugging Face trainer rests on its count being kept.
   */
  void merge(int word, int left, int right, int merged, Changes changes) {
    int start = starts[word];
    int end = start + lengths[word];
    int to = start;
    for (int from = start; from < end; ) {
      int symbol = symbols[from];
      if (symbol != left || from + 1 >= end || symbols[from + 1] != right) {
        symbols[to++] = symbol;
        from++;
        continue;
      }
      from += 2;
      if (to > start) {
        changes.change(symbols[to - 1], left, -1);
        changes.change(symbols[to - 1], merged, 1);
      }
      if (from < end) {
        changes.change(right, symbols[from], -1);
        changes.change(merged, symbols[from], 1);
      }
      symbols[to++] = merged;
    }
    lengths[word] = to - start;
  }
}
