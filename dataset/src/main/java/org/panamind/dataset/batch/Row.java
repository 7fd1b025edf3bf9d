package org.panamind.dataset.batch;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One sequence to train on. The arrays belong to the row and are not changed.
 *
 * @param ids tokens
 * @param labels the token to predict <em>at</em> each position (the model compares position t with
 *     its output at t - 1, as MiniMind and Hugging Face do), or {@link #IGNORED}
 * @param documentStarts where documents begin, ascending; the first is 0
 */
public record Row(int[] ids, int[] labels, int[] documentStarts) {
  /** A label that counts for nothing. */
  public static final int IGNORED = -100;

  private static final int[] ONE_DOCUMENT = {0};

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if the row is empty or ids and labels differ in length
   */
  public Row {
    if (ids.length == 0 || ids.length != labels.length) {
      throw new IllegalArgumentException(
          "a row needs as many labels as ids and at least one; these are %d and %d"
              .formatted(labels.length, ids.length));
    }
  }

  /** A row of one document. */
  public static Row of(int[] ids, int[] labels) {
    return new Row(ids, labels, ONE_DOCUMENT);
  }

  /** How many tokens the row has. */
  public int length() {
    return ids.length;
  }

  /** Whether the token at a position is learned; nothing precedes the first, to predict it from. */
  public boolean isLearned(int position) {
    return position > 0 && labels[position] != IGNORED;
  }

  /** How many tokens are learned. */
  public int learnedCount() {
    return (int) IntStream.range(0, ids.length).filter(this::isLearned).count();
  }

  /** The same tokens with nothing to learn from them. */
  Row ignored() {
    int[] none = new int[ids.length];
    Arrays.fill(none, IGNORED);
    return new Row(ids, none, documentStarts);
  }
}
