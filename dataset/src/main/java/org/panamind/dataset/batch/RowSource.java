package org.panamind.dataset.batch;

import org.panamind.dataset.Samples;
import org.panamind.dataset.order.SampleOrder;

/**
 * All rows of every epoch in their global order, to be read from many threads at once. The same
 * place gives the same row always, whoever asks.
 *
 * @param <R> what a row is: {@link Row}, or a pair of them, or a prompt
 */
public interface RowSource<R> {
  /** Rows in each epoch. */
  long rowsPerEpoch();

  /**
   * Makes one row.
   *
   * @param epoch from 0
   * @param position 0 to {@code rowsPerEpoch() - 1}
   */
  R row(long epoch, long position);

  /**
   * One row for each sample, in the given order.
   *
   * @throws IllegalArgumentException if the order is of another size
   */
  static <R> RowSource<R> inOrder(Samples<R> samples, SampleOrder order) {
    if (samples.size() != order.size()) {
      throw new IllegalArgumentException(
          "the order is of %d samples, these are %d".formatted(order.size(), samples.size()));
    }
    return new RowSource<>() {
      @Override
      public long rowsPerEpoch() {
        return samples.size();
      }

      @Override
      public R row(long epoch, long position) {
        return samples.get(order.at(epoch, position));
      }
    };
  }
}
