package org.panamind.dataset.chat;

import java.util.Random;

/** Chance that belongs to a sample: the same seed and number draw the same, in any order. */
public final class SampleRandom {
  private SampleRandom() {}

  /**
   * A generator for one sample.
   *
   * @param seed the run's seed
   * @param sample the sample's number
   */
  public static Random of(long seed, long sample) {
    // java.util.Random's sequence is specified; mixed, since its near seeds begin alike.
    return new Random(mix(seed + mix(sample + 0x9E3779B97F4A7C15L)));
  }

  /** The finaliser of SplitMix64 (Steele et al. 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
