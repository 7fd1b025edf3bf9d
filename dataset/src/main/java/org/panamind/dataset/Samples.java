package org.panamind.dataset;

import java.util.function.Function;

/**
 * A numbered set of samples with random access, so that an order can be drawn without reading them.
 *
 * <p>Implementations may be read from many threads at once and give the same sample for the same
 * number every time.
 *
 * @param <T> what a sample is: a JSON record, a text, a row of tokens
 */
public interface Samples<T> {
  /** How many samples there are. */
  long size();

  /**
   * Reads one sample.
   *
   * @param index 0 to {@code size() - 1}
   * @throws IndexOutOfBoundsException outside that range
   * @throws DataException if the sample is not what it was when the set was opened
   */
  T get(long index);

  /** The same samples, each passed through {@code function} at the moment it is read. */
  default <R> Samples<R> map(Function<? super T, ? extends R> function) {
    Samples<T> source = this;
    return new Samples<>() {
      @Override
      public long size() {
        return source.size();
      }

      @Override
      public R get(long index) {
        return function.apply(source.get(index));
      }
    };
  }
}
