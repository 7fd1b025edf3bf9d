package org.panamind.dataset.batch;

import java.util.Arrays;
import java.util.List;
import org.panamind.dataset.Samples;

/** Sample sets without a file. */
final class Numbered {
  private Numbered() {}

  static <T> Samples<T> of(List<T> values) {
    return new Samples<>() {
      @Override
      public long size() {
        return values.size();
      }

      @Override
      public T get(long index) {
        return values.get((int) index);
      }
    };
  }

  /** Row n is the token n, 1 to 3 times. */
  static Samples<Row> rows(long size) {
    return new Samples<>() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public Row get(long index) {
        int[] ids = new int[1 + (int) (index % 3)];
        Arrays.fill(ids, (int) index);
        return Row.of(ids, ids);
      }
    };
  }
}
