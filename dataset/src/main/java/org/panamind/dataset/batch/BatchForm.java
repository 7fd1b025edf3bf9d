package org.panamind.dataset.batch;

import java.util.List;
import org.panamind.dataset.order.Cursor;

/**
 * How rows of one kind are put side by side.
 *
 * @param <R> what a row is
 * @param <B> what a batch of them is
 */
public interface BatchForm<R, B> {
  /** Rows of tokens and labels: {@link Batch#of}. */
  BatchForm<Row, Batch> ROWS =
      new BatchForm<>() {
        @Override
        public Batch of(List<Row> rows, int padId, Cursor next) {
          return Batch.of(rows, padId, next);
        }

        @Override
        public Row ignored(Row row) {
          return row.ignored();
        }
      };

  /**
   * Puts rows together.
   *
   * @param rows at least one
   * @param padId fills the positions that a row does not reach
   * @param next where the data goes on after this batch
   */
  B of(List<R> rows, int padId, Cursor next);

  /** The same row with nothing to learn from it, for a rank for which an epoch has none left. */
  R ignored(R row);
}
