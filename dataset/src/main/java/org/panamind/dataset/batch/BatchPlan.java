package org.panamind.dataset.batch;

import java.util.ArrayList;
import java.util.List;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.order.RankShare;

/**
 * How rows become batches.
 *
 * <p>A global batch is {@code batchSize * world} rows that follow each other in the order. The last
 * of an epoch has what is left, divided among the ranks as evenly as can be; a rank for which none
 * is left gets the batch's first row with nothing to learn from it, so that every rank takes as
 * many steps and no collective waits for one that has gone.
 *
 * @param batchSize rows of one rank in one batch
 * @param share this rank's part
 * @param padId the id that fills rows
 */
public record BatchPlan(int batchSize, RankShare share, int padId) {
  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if there would be no rows in a batch
   */
  public BatchPlan {
    if (batchSize < 1) {
      throw new IllegalArgumentException("--batch_size must be at least 1, this is " + batchSize);
    }
  }

  /** Rows of one batch over all ranks. */
  public long globalBatchSize() {
    return (long) batchSize * share.world();
  }

  /** Batches that each rank gets in an epoch. */
  public long batchesPerEpoch(RowSource<?> rows) {
    return Math.ceilDiv(rows.rowsPerEpoch(), globalBatchSize());
  }

  /** Where the batch after {@code from} begins. */
  Cursor after(RowSource<?> rows, Cursor from) {
    long end = from.position() + globalBatchSize();
    return end < rows.rowsPerEpoch()
        ? new Cursor(from.epoch(), end)
        : new Cursor(from.epoch() + 1, 0);
  }

  /** Makes this rank's part of the batch at {@code from}. */
  <R, B> B make(RowSource<R> rows, BatchForm<R, B> form, Cursor from) {
    long count = Math.min(globalBatchSize(), rows.rowsPerEpoch() - from.position());
    RankShare.Span span = share.of(from.position(), count);
    List<R> made = new ArrayList<>(Math.max(1, span.count()));
    if (span.count() == 0) {
      made.add(form.ignored(rows.row(from.epoch(), from.position())));
    }
    for (int i = 0; i < span.count(); i++) {
      made.add(rows.row(from.epoch(), span.from() + i));
    }
    return form.of(List.copyOf(made), padId, after(rows, from));
  }
}
