package org.panamind.dataset.order;

/**
 * The order in which an epoch visits its samples. A shuffled order is a permutation that is
 * computed and never stored: a Feistel network over the next power of four (Luby and Rackoff 1988),
 * walked until it lands inside (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
 * Any position is found at once and in no memory, so resuming costs nothing, and each epoch has an
 * order of its own. The order depends on size, seed and epoch alone.
 */
public final class SampleOrder {
  /** Four rounds make it pseudorandom when the rounds are; two more for the weaker mixer. */
  private static final int ROUNDS = 6;

  private final long size;
  private final long seed;
  private final boolean shuffled;
  private final int halfBits;
  private final long halfMask;

  private SampleOrder(long size, long seed, boolean shuffled) {
    if (size < 1) {
      throw new IllegalArgumentException("an order needs at least one sample, this has " + size);
    }
    this.size = size;
    this.seed = seed;
    this.shuffled = shuffled;
    int bits = Math.max(2, 64 - Long.numberOfLeadingZeros(size - 1));
    this.halfBits = (bits + 1) / 2;
    this.halfMask = (1L << halfBits) - 1;
  }

  /** A new permutation in each epoch. */
  public static SampleOrder shuffled(long size, long seed) {
    return new SampleOrder(size, seed, true);
  }

  /** The samples as they are numbered, in each epoch alike. */
  public static SampleOrder asNumbered(long size) {
    return new SampleOrder(size, 0, false);
  }

  /** How many samples there are. */
  public long size() {
    return size;
  }

  /**
   * The sample at a position.
   *
   * @param epoch from 0
   * @param position 0 to {@code size() - 1}
   * @throws IndexOutOfBoundsException outside that range
   */
  public long at(long epoch, long position) {
    if (position < 0 || position >= size) {
      throw new IndexOutOfBoundsException("position " + position + " of " + size + " samples");
    }
    if (!shuffled) {
      return position;
    }
    long key = mix(seed ^ mix(epoch + 0x9E3779B97F4A7C15L));
    long sample = position;
    do {
      sample = permute(sample, key);
    } while (Long.compareUnsigned(sample, size) >= 0);
    return sample;
  }

  private long permute(long value, long key) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (int round = 0; round < ROUNDS; round++) {
      long next = left ^ (mix(key + round * 0xD1B54A32D192ED03L + right) & halfMask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }

  /** The finaliser of SplitMix64 (Steele et al. 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
