package org.panamind.dataset.order;

import org.panamind.dataset.Samples;

/**
 * Keeps every k-th sample out of training, to measure on what was never learned. Which one of each
 * k depends on the seed; both parts are found by arithmetic, in no memory.
 *
 * @param size samples in all
 * @param every k; at least 2
 * @param offset which of each k is held out, 0 to k - 1
 */
public record HeldOutSplit(long size, long every, long offset) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if nothing would be left to train on or to measure
   */
  public HeldOutSplit {
    if (every < 2 || offset < 0 || offset >= every || offset >= size || size < 2) {
      throw new IllegalArgumentException(
          "cannot hold out number %d of every %d samples from %d samples"
              .formatted(offset, every, size));
    }
  }

  /**
   * Holds out about a share of the samples, and at least one.
   *
   * @param size samples in all, at least 2
   * @param share above 0, at most 0.5
   * @param seed the same seed holds out the same samples
   * @throws IllegalArgumentException if the share or size is out of range
   */
  public static HeldOutSplit ofShare(long size, double share, long seed) {
    if (!(share > 0 && share <= 0.5)) {
      throw new IllegalArgumentException(
          "the held-out share must be above 0 and at most 0.5, this is " + share);
    }
    if (size < 2) {
      throw new IllegalArgumentException(
          "a held-out part needs at least 2 samples, the data has " + size);
    }
    long every = Math.min(size, Math.max(2, Math.round(1 / share)));
    return new HeldOutSplit(size, every, Math.floorMod(seed, every));
  }

  /** How many samples are held out. */
  public long heldOutSize() {
    return size / every + (size % every > offset ? 1 : 0);
  }

  /** What is left to train on. */
  public <T> Samples<T> training(Samples<T> all) {
    return part(
        all,
        size - heldOutSize(),
        i -> {
          long within = i % (every - 1);
          return i / (every - 1) * every + within + (within >= offset ? 1 : 0);
        });
  }

  /** What is held out. */
  public <T> Samples<T> heldOut(Samples<T> all) {
    return part(all, heldOutSize(), i -> i * every + offset);
  }

  private <T> Samples<T> part(
      Samples<T> all, long count, java.util.function.LongUnaryOperator number) {
    if (all.size() != size) {
      throw new IllegalArgumentException(
          "the split is of %d samples, these are %d".formatted(size, all.size()));
    }
    return new Samples<>() {
      @Override
      public long size() {
        return count;
      }

      @Override
      public T get(long index) {
        if (index < 0 || index >= count) {
          throw new IndexOutOfBoundsException("sample " + index + " of " + count);
        }
        return all.get(number.applyAsLong(index));
      }
    };
  }
}
