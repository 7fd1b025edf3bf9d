package org.panamind.stage.train;

import java.util.Optional;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.batch.BatchLoader;
import org.panamind.dataset.batch.BatchPlan;
import org.panamind.dataset.batch.RowSource;
import org.panamind.dataset.order.Cursor;

/**
 * Rows in a global order as training data.
 *
 * @param <R> what a row is
 * @param <B> what a batch of them is
 * @param trainingRows to train on
 * @param heldOutRows to measure on, or null
 * @param form how rows are put side by side
 * @param plan size and padding of batches
 * @param prefetch threads that prepare them
 */
public record RowData<R, B>(
    RowSource<R> trainingRows,
    RowSource<R> heldOutRows,
    BatchForm<R, B> form,
    BatchPlan plan,
    BatchLoader.Prefetch prefetch)
    implements TrainingData<B> {
  @Override
  public long batchesPerEpoch() {
    return plan.batchesPerEpoch(trainingRows);
  }

  @Override
  public Batches<B> training(Cursor from, long epochs) {
    return new Loaded<>(new BatchLoader<>(trainingRows, form, plan, from, epochs, prefetch));
  }

  @Override
  public Batches<B> heldOut() {
    if (heldOutRows == null) return new None<>();
    return new Loaded<>(new BatchLoader<>(heldOutRows, form, plan, Cursor.START, 1, prefetch));
  }

  private record Loaded<B>(BatchLoader<B> loader) implements Batches<B> {
    @Override
    public Optional<B> next() {
      return loader.next();
    }

    @Override
    public Cursor cursor() {
      return loader.cursor();
    }

    @Override
    public void close() {
      loader.close();
    }
  }

  private record None<B>() implements Batches<B> {
    @Override
    public Optional<B> next() {
      return Optional.empty();
    }

    @Override
    public Cursor cursor() {
      return Cursor.START;
    }

    @Override
    public void close() {}
  }
}
