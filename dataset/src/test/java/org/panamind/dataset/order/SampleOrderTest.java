package org.panamind.dataset.order;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleOrderTest {
  private static long[] epoch(SampleOrder order, long epoch) {
    return LongStream.range(0, order.size()).map(i -> order.at(epoch, i)).toArray();
  }

  @Test
  void visitsEverySampleOnceInEachEpoch() {
    for (long size : new long[] {1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 1000, 1025, 4097}) {
      for (long epoch = 0; epoch < 3; epoch++) {
        long[] sorted = epoch(SampleOrder.shuffled(size, 42), epoch);
        Arrays.sort(sorted);
        assertArrayEquals(LongStream.range(0, size).toArray(), sorted, size + " samples");
      }
    }
  }

  @Test
  void dependsOnSeedAndEpochOnly() {
    long[] first = epoch(SampleOrder.shuffled(500, 42), 0);
    assertArrayEquals(first, epoch(SampleOrder.shuffled(500, 42), 0));
    assertFalse(Arrays.equals(first, epoch(SampleOrder.shuffled(500, 43), 0)));
    assertFalse(Arrays.equals(first, epoch(SampleOrder.shuffled(500, 42), 1)));
  }

  @Test
  void keepsItsOrderFromReleaseToRelease() {
    // A checkpoint written by an older release must go on with the same samples.
    assertArrayEquals(
        new long[] {9, 7, 4, 2, 8, 6, 3, 0, 5, 1}, epoch(SampleOrder.shuffled(10, 42), 1));
  }

  @Test
  void putsEverySampleEverywhereEquallyOften() {
    // Each of 10 samples should come first in about 1,000 of 10,000 epochs; 6 standard deviations.
    int[][] counts = new int[10][10];
    SampleOrder order = SampleOrder.shuffled(10, 7);
    for (long epoch = 0; epoch < 10_000; epoch++) {
      for (int position = 0; position < 10; position++) {
        counts[position][(int) order.at(epoch, position)]++;
      }
    }
    for (int[] row : counts) {
      for (int count : row) {
        assertTrue(Math.abs(count - 1000) < 180, Arrays.deepToString(counts));
      }
    }
  }

  @Test
  void neighboursInTheOrderAreNotNeighboursInTheFile() {
    long[] order = epoch(SampleOrder.shuffled(100_000, 1), 0);
    int close = 0;
    for (int i = 1; i < order.length; i++) {
      close += Math.abs(order[i] - order[i - 1]) < 100 ? 1 : 0;
    }
    // By chance: 100,000 * 2 * 100 / 100,000 = 200, standard deviation 14.
    assertTrue(close > 115 && close < 285, close + " neighbours");
  }

  @Test
  void findsAnyPositionOfAHugeSetAtOnce() {
    SampleOrder order = SampleOrder.shuffled(1L << 40, 3);
    long sample = order.at(5, (1L << 40) - 1);
    assertTrue(sample >= 0 && sample < 1L << 40);
    SampleOrder largest = SampleOrder.shuffled(Long.MAX_VALUE, 3);
    assertTrue(largest.at(0, Long.MAX_VALUE - 1) >= 0);
  }

  @Test
  void canLeaveTheSamplesAsTheyAre() {
    assertArrayEquals(new long[] {0, 1, 2}, epoch(SampleOrder.asNumbered(3), 9));
  }

  @Test
  void refusesPositionsThatAreNone() {
    SampleOrder order = SampleOrder.shuffled(3, 0);
    assertThrows(IndexOutOfBoundsException.class, () -> order.at(0, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> order.at(0, -1));
    assertThrows(IllegalArgumentException.class, () -> SampleOrder.shuffled(0, 0));
  }

  @Test
  void sharesCoverABatchOnceAndDifferByAtMostOne() {
    for (int world = 1; world < 9; world++) {
      for (int count = 0; count < 40; count++) {
        long next = 100;
        for (int rank = 0; rank < world; rank++) {
          RankShare.Span span = new RankShare(rank, world).of(100, count);
          assertEquals(next, span.from());
          next = span.to();
          assertTrue(span.count() == count / world || span.count() == (count + world - 1) / world);
        }
        assertEquals(100 + count, next);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> new RankShare(2, 2));
  }
}
