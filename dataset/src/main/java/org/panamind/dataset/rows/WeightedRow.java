package org.panamind.dataset.rows;

import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.batch.Row;

/**
 * A row whose labels count differently.
 *
 * @param row tokens and labels
 * @param weights of the label at each position, 0 where it is ignored
 */
public record WeightedRow(Row row, float[] weights) {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if they differ
   */
  public WeightedRow {
    if (weights.length != row.length()) {
      throw new IllegalArgumentException(
          "a row of %d tokens has %d weights".formatted(row.length(), weights.length));
    }
  }

  /** The same tokens with nothing to learn from them. */
  WeightedRow ignored() {
    return new WeightedRow(BatchForm.ROWS.ignored(row), new float[weights.length]);
  }
}
