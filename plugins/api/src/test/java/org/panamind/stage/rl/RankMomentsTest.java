package org.panamind.stage.rl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.trial.SimulatedRanks;
import org.panamind.torch.Device;
import org.panamind.torch.TensorScope;

class RankMomentsTest {
  @Test
  void areThoseOfAllRanksFigures() {
    double[][] figures = {{1, 4}, {}, {-2, 7, 0.5}};
    double[] all = Arrays.stream(figures).flatMapToDouble(Arrays::stream).toArray();
    double mean = Arrays.stream(all).average().orElseThrow();
    double squares = Arrays.stream(all).map(v -> (v - mean) * (v - mean)).sum();
    var found =
        SimulatedRanks.of(3, (share, ranks) -> RankMoments.of(figures[share.rank()], ranks));
    for (var moments : found) {
      assertEquals(5, moments.count());
      assertEquals(mean, moments.mean(), 1e-12);
      assertEquals(Math.sqrt(squares / 4), moments.sampleDeviation(), 1e-12);
      assertEquals((7 - mean) / Math.sqrt(squares / 5), moments.normalised(7), 1e-6);
    }
  }

  @Test
  void ofNothingAndOfOneFigureAreFinite() {
    assertEquals(0, RankMoments.of(new double[0], RankSums.ALONE).sampleDeviation());
    assertEquals(0, RankMoments.of(new double[] {3}, RankSums.ALONE).sampleDeviation());
    assertEquals(0, RankMoments.of(new double[] {3}, RankSums.ALONE).normalised(3));
  }

  @Test
  void rewardsSpreadOnceTwoDifferOnWhicheverRanks() {
    double[][] first = {{2}, {2}};
    double[][] second = {{2}, {1}};
    var found =
        SimulatedRanks.of(
            2,
            (share, ranks) -> {
              var spread = new RewardSpread();
              var seen = new boolean[3];
              try (var scope = TensorScope.open()) {
                spread.see(scored(first[share.rank()]), ranks, share);
                seen[0] = spread.isAny();
                spread.see(scored(second[share.rank()]), ranks, share);
                seen[1] = spread.isAny();
              }
              var restored = new RewardSpread();
              restored.read(spread.text());
              seen[2] = restored.isAny() && restored.text().equals(spread.text());
              return seen;
            });
    for (boolean[] seen : found) {
      assertFalse(seen[0]);
      assertTrue(seen[1]);
      assertTrue(seen[2]);
    }
  }

  @Test
  void noSpreadComesBackAsNone() {
    var restored = new RewardSpread();
    restored.read(new RewardSpread().text());
    assertFalse(restored.isAny());
  }

  /** With one more answer that does not count. */
  private static ScoredRollout scored(double... rewards) {
    double[] more = Arrays.copyOf(rewards, rewards.length + 1);
    more[rewards.length] = 99;
    var ids = IntStream.range(0, more.length).mapToObj(n -> new long[] {n, 7}).toList();
    return ScoredRollout.of(Rollout.given(ids, ids, 0, 2, Device.CPU), more, 1)
        .without(List.of(rewards.length));
  }
}
