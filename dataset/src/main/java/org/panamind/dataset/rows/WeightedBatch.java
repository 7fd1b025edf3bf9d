package org.panamind.dataset.rows;

import java.util.List;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.order.Cursor;

/**
 * Rows whose labels count differently.
 *
 * @param rows [B, T]
 * @param weights of the label at each position, 0 where it is ignored or padding, [B, T] row-major
 */
public record WeightedBatch(Batch rows, float[] weights) {
  /** How weighted rows are put side by side. */
  public static final BatchForm<WeightedRow, WeightedBatch> FORM =
      new BatchForm<>() {
        @Override
        public WeightedBatch of(List<WeightedRow> rows, int padId, Cursor next) {
          Batch batch = Batch.of(rows.stream().map(WeightedRow::row).toList(), padId, next);
          float[] weights = new float[batch.ids().length];
          for (int b = 0; b < rows.size(); b++) {
            float[] own = rows.get(b).weights();
            System.arraycopy(own, 0, weights, b * batch.length(), own.length);
          }
          return new WeightedBatch(batch, weights);
        }

        @Override
        public WeightedRow ignored(WeightedRow row) {
          return row.ignored();
        }
      };
}
