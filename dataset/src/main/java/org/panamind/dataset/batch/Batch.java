package org.panamind.dataset.batch;

import java.util.Arrays;
import java.util.List;
import org.panamind.dataset.order.Cursor;

/**
 * Rows side by side, padded to the longest of them: with causal attention and ignored labels this
 * is the same mathematics as padding all to the longest possible, with less work. B rows, T
 * positions; arrays of [B, T] are row-major.
 *
 * @param ids tokens, [B, T]
 * @param labels the token to predict at each position, {@link Row#IGNORED} for none, [B, T]
 * @param rows B
 * @param length T
 * @param lengths tokens of each row without padding, [B]
 * @param documentStarts where documents begin in each row, [B][documents of the row]
 * @param supervisedTokens labels that count: not ignored and not at a row's first position, which
 *     nothing precedes. It can be 0, and a mean over 0 tokens is not a number
 * @param next where the data goes on after this batch
 */
public record Batch(
    long[] ids,
    long[] labels,
    int rows,
    int length,
    int[] lengths,
    int[][] documentStarts,
    long supervisedTokens,
    Cursor next) {

  /**
   * Puts rows together.
   *
   * @param padId fills the positions behind a row's end
   */
  public static Batch of(List<Row> rows, int padId, Cursor next) {
    int length = rows.stream().mapToInt(Row::length).max().orElseThrow();
    long[] ids = new long[Math.multiplyExact(rows.size(), length)];
    long[] labels = new long[ids.length];
    Arrays.fill(ids, padId);
    Arrays.fill(labels, Row.IGNORED);
    int[] lengths = new int[rows.size()];
    int[][] starts = new int[rows.size()][];
    long supervised = 0;
    for (int b = 0; b < lengths.length; b++) {
      Row row = rows.get(b);
      lengths[b] = row.length();
      starts[b] = row.documentStarts();
      for (int t = 0; t < row.length(); t++) {
        ids[b * length + t] = row.ids()[t];
        labels[b * length + t] = row.labels()[t];
      }
      supervised += row.learnedCount();
    }
    return new Batch(ids, labels, lengths.length, length, lengths, starts, supervised, next);
  }

  /** Tokens without padding. */
  public long tokens() {
    return Arrays.stream(lengths).asLongStream().sum();
  }

  /**
   * The number of each token's document within its row, so that attention can be kept inside one.
   *
   * @return [B, T] row-major, from 0 in every row, -1 for padding
   */
  public long[] documentIds() {
    long[] documents = new long[rows * length];
    Arrays.fill(documents, -1);
    for (int b = 0; b < rows; b++) {
      int[] starts = documentStarts[b];
      for (int d = 0; d < starts.length; d++) {
        int end = d + 1 < starts.length ? starts[d + 1] : lengths[b];
        Arrays.fill(documents, b * length + starts[d], b * length + end, d);
      }
    }
    return documents;
  }
}
