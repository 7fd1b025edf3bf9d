package org.panamind.dataset.order;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.Samples;

class HeldOutSplitTest {
  private static Samples<Long> numbers(long size) {
    return new Samples<>() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public Long get(long index) {
        return index;
      }
    };
  }

  private static List<Long> all(Samples<Long> samples) {
    return LongStream.range(0, samples.size()).mapToObj(samples::get).toList();
  }

  @Test
  void putsEverySampleIntoExactlyOnePart() {
    for (long size = 2; size < 60; size++) {
      for (double share : new double[] {0.5, 0.3, 0.1, 0.01}) {
        for (long seed = -3; seed < 12; seed++) {
          HeldOutSplit split = HeldOutSplit.ofShare(size, share, seed);
          List<Long> training = all(split.training(numbers(size)));
          List<Long> heldOut = all(split.heldOut(numbers(size)));
          assertTrue(!training.isEmpty() && !heldOut.isEmpty(), split.toString());
          List<Long> both = new ArrayList<>(training);
          both.addAll(heldOut);
          both.sort(null);
          assertEquals(all(numbers(size)), both, split.toString());
        }
      }
    }
  }

  @Test
  void holdsOutAboutTheShareAndTheSameSamplesForTheSameSeed() {
    HeldOutSplit split = HeldOutSplit.ofShare(100_000, 0.01, 42);
    assertEquals(1000, split.heldOutSize());
    assertEquals(split, HeldOutSplit.ofShare(100_000, 0.01, 42));
    assertEquals(List.of(1L, 4L, 7L), all(new HeldOutSplit(9, 3, 1).heldOut(numbers(9))));
  }

  @Test
  void refusesSharesAndSizesThatLeaveNothing() {
    assertThrows(IllegalArgumentException.class, () -> HeldOutSplit.ofShare(100, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> HeldOutSplit.ofShare(100, 0.6, 1));
    assertThrows(IllegalArgumentException.class, () -> HeldOutSplit.ofShare(1, 0.1, 1));
    HeldOutSplit split = HeldOutSplit.ofShare(10, 0.1, 1);
    assertThrows(IllegalArgumentException.class, () -> split.training(numbers(11)));
    assertThrows(
        IndexOutOfBoundsException.class, () -> split.heldOut(numbers(10)).get(split.heldOutSize()));
  }
}
