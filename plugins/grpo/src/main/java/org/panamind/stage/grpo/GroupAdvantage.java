package org.panamind.stage.grpo;

import java.util.Arrays;
import org.panamind.stage.rl.RankMoments;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.RankSums;

/**
 * How much better an answer is than the others to the same prompt (Shao et al. 2024,
 * arXiv:2402.03300, section 4.1.2).
 */
final class GroupAdvantage {
  private static final double EPSILON = 1e-4;

  private GroupAdvantage() {}

  /**
   * Of each answer, N; 0 for those that do not count.
   *
   * @param ranks that share the batch
   */
  static double[] of(ScoredRollout answers, Scale scale, RankSums ranks) {
    var advantages = new double[answers.size()];
    double batch =
        scale == Scale.BATCH
            ? RankMoments.of(answers.ofCounted(answers.rewards()), ranks).sampleDeviation()
            : 0;
    for (int first = 0; first < advantages.length; first += answers.each()) {
      if (!answers.counted()[first]) continue;
      var group = Arrays.copyOfRange(answers.rewards(), first, first + answers.each());
      if (Arrays.stream(group).allMatch(reward -> reward == group[0])) continue;
      double mean = Arrays.stream(group).average().orElse(0);
      double divisor =
          switch (scale) {
            case GROUP -> deviation(group, mean) + EPSILON;
            case BATCH -> batch + EPSILON;
            case NONE -> 1;
          };
      for (int g = 0; g < group.length; g++) advantages[first + g] = (group[g] - mean) / divisor;
    }
    return advantages;
  }

  /**
   * MiniMind2's: cut off at 10, then made to have mean 0 and deviation 1 over the batch of this
   * rank once more.
   */
  static double[] asMiniMind2(ScoredRollout answers) {
    double[] raw = of(answers, Scale.GROUP, RankSums.ALONE);
    double[] cut = Arrays.stream(raw).map(a -> Math.clamp(a, -10, 10)).toArray();
    double mean = Arrays.stream(cut).average().orElse(0);
    double deviation = deviation(cut, mean);
    return Arrays.stream(cut).map(a -> (a - mean) / (deviation + 1e-8)).toArray();
  }

  /** With Bessel's correction; 0 for one value. */
  private static double deviation(double[] values, double mean) {
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
  }
}
