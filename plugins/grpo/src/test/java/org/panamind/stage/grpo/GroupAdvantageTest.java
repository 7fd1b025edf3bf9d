package org.panamind.stage.grpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.trial.SimulatedRanks;
import org.panamind.torch.Device;
import org.panamind.torch.TensorScope;

/** Advantages against the formulas by hand. */
class GroupAdvantageTest {
  private static final int EACH = 3;
  private static final double[] REWARDS = {1, 0, 2.5, 4, 4, 4, -1, 0.5, 0.5, 9, 9, 8};

  /** Answers of the lengths 1, 2, ...; the groups named do not count. */
  static ScoredRollout scored(double[] rewards, int each, Integer... left) {
    var prompts = new ArrayList<long[]>();
    var answers = new ArrayList<long[]>();
    for (int n = 0; n < rewards.length; n++) {
      prompts.add(new long[] {5, n});
      answers.add(IntStream.rangeClosed(0, n).mapToLong(t -> 7).toArray());
    }
    var rollout = Rollout.given(prompts, answers, 0, 2, Device.CPU);
    return ScoredRollout.of(rollout, rewards, each).without(List.of(left));
  }

  private static double[] of(Scale scale, double[] rewards, Integer... left) {
    try (var scope = TensorScope.open()) {
      return GroupAdvantage.of(scored(rewards, EACH, left), scale, RankSums.ALONE);
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  private static double deviation(double[] values) {
    double squares = 0;
    for (double value : values) squares += (value - mean(values)) * (value - mean(values));
    return Math.sqrt(squares / (values.length - 1));
  }

  private static double[] byHand(Scale scale, double[] rewards) {
    var advantages = new double[rewards.length];
    for (int first = 0; first < rewards.length; first += EACH) {
      double[] group = Arrays.copyOfRange(rewards, first, first + EACH);
      for (int n = first; n < first + EACH; n++) {
        double distance = rewards[n] - mean(group);
        advantages[n] =
            switch (scale) {
              case GROUP -> distance / (deviation(group) + 1e-4);
              case BATCH -> distance / (deviation(rewards) + 1e-4);
              case NONE -> distance;
            };
      }
    }
    return advantages;
  }

  @ParameterizedTest
  @EnumSource
  void isTheDistanceFromTheGroupsMean(Scale scale) {
    assertArrayEquals(byHand(scale, REWARDS), of(scale, REWARDS), 1e-12);
  }

  @ParameterizedTest
  @EnumSource
  void isExactlyZeroInAGroupOfEqualRewards(Scale scale) {
    // Their mean is not 0.1 in double arithmetic.
    double[] rewards = {0.1, 0.1, 0.1, 1, 2, 3};
    double[] advantages = of(scale, rewards);
    assertArrayEquals(new double[3], Arrays.copyOf(advantages, 3), 0.0);
  }

  @ParameterizedTest
  @EnumSource
  void groupsThatDoNotCountGetNoneAndChangeNone(Scale scale) {
    double[] without = {1, 0, 2.5, 4, 4, 4, 9, 9, 8};
    double[] expected = of(scale, without);
    double[] advantages = of(scale, REWARDS, 2);
    assertArrayEquals(Arrays.copyOf(expected, 6), Arrays.copyOf(advantages, 6), 1e-12);
    assertArrayEquals(new double[3], Arrays.copyOfRange(advantages, 6, 9), 0.0);
    assertArrayEquals(
        Arrays.copyOfRange(expected, 6, 9), Arrays.copyOfRange(advantages, 9, 12), 1e-12);
  }

  @ParameterizedTest
  @EnumSource
  void isTheSameHoweverManyRanksShareTheGroups(Scale scale) {
    var parts =
        SimulatedRanks.of(
            3,
            (share, ranks) -> {
              var groups = share.of(0, REWARDS.length / EACH);
              double[] own =
                  Arrays.copyOfRange(REWARDS, (int) groups.from() * EACH, (int) groups.to() * EACH);
              try (var scope = TensorScope.open()) {
                return GroupAdvantage.of(scored(own, EACH), scale, ranks);
              }
            });
    double[] together = parts.stream().flatMapToDouble(Arrays::stream).toArray();
    assertArrayEquals(byHand(scale, REWARDS), together, 1e-12);
  }

  @Test
  void minimind2sFormIsNormalisedTwice() {
    try (var scope = TensorScope.open()) {
      double[] first = byHand(Scale.GROUP, REWARDS);
      double[] second = GroupAdvantage.asMiniMind2(scored(REWARDS, EACH));
      for (int n = 0; n < first.length; n++)
        assertEquals((first[n] - mean(first)) / (deviation(first) + 1e-8), second[n], 1e-12);
    }
  }

  @Test
  void longAnswersLoseUpToOneWithinTheBuffer() {
    try (var scope = TensorScope.open()) {
      // Lengths are 1 to 12, the limit 10, the last 4 tokens before it cost.
      double[] shaped = Overlong.shaped(scored(REWARDS, EACH), 4, 10).rewards();
      double[] costs = {0, 0, 0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1};
      for (int n = 0; n < costs.length; n++)
        assertEquals(REWARDS[n] - costs[n], shaped[n], 1e-12, "length " + (n + 1));
      assertArrayEquals(REWARDS, Overlong.shaped(scored(REWARDS, EACH), 0, 10).rewards());
    }
  }
}
