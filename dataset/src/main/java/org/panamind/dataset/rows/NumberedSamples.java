package org.panamind.dataset.rows;

import org.panamind.dataset.DataException;
import org.panamind.dataset.Samples;

/** Samples made from others and from their number, whose errors name the number. */
final class NumberedSamples {
  private NumberedSamples() {}

  /** Makes a sample of a record and its number. */
  interface Making<T, R> {
    R make(T record, long number);
  }

  static <T, R> Samples<R> of(Samples<T> records, Making<T, R> making) {
    return new Samples<>() {
      @Override
      public long size() {
        return records.size();
      }

      @Override
      public R get(long index) {
        T record = records.get(index);
        try {
          return making.make(record, index);
        } catch (DataException e) {
          throw new DataException("record " + (index + 1) + ": " + e.getMessage(), e);
        }
      }
    };
  }
}
