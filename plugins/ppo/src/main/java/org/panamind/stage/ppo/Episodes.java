package org.panamind.stage.ppo;

import java.util.stream.IntStream;
import org.panamind.stage.rl.RankMoments;
import org.panamind.stage.train.RankSums;

/**
 * Generalised advantage estimation (Schulman et al. 2016, arXiv:1506.02438, eq. 16) over N answers:
 * from the last token back, {@code delta_t = r_t + gamma V_(t+1) - V_t} and {@code A_t = delta_t +
 * gamma lambda A_(t+1)}. Behind the end of an answer nothing is to come; behind one that was cut
 * off what the critic expects there is (Pardo et al. 2018, arXiv:1712.00378).
 *
 * @param advantages of each token, [N, R] row-major; 0 behind an answer's last token
 * @param returns what the critic should have expected, {@code A_t + V_t}, likewise
 */
record Episodes(double[] advantages, double[] returns) {
  /**
   * What happened.
   *
   * @param rewards of each token, [N, R] row-major
   * @param values before each token and after the last, [N, R + 1] row-major
   * @param lengths tokens of each answer, N
   * @param ended whether each came to its end, N
   */
  record Course(double[] rewards, double[] values, long[] lengths, boolean[] ended) {}

  static Episodes of(Course course, double gamma, double lambda) {
    int count = course.lengths.length;
    int width = course.rewards.length / count;
    var advantages = new double[course.rewards.length];
    var returns = new double[course.rewards.length];
    for (int n = 0; n < count; n++) {
      double advantage = 0;
      for (int t = (int) course.lengths[n] - 1; t >= 0; t--) {
        boolean last = t == course.lengths[n] - 1;
        double value = course.values[n * (width + 1) + t];
        double next = last && course.ended[n] ? 0 : course.values[n * (width + 1) + t + 1];
        double delta = course.rewards[n * width + t] + gamma * next - value;
        advantage = delta + gamma * lambda * advantage;
        advantages[n * width + t] = advantage;
        returns[n * width + t] = advantage + value;
      }
    }
    return new Episodes(advantages, returns);
  }

  /**
   * The advantages with mean 0 and deviation 1 over the tokens of all ranks.
   *
   * @param mask 1 on what counts, as the advantages
   */
  double[] whitened(float[] mask, RankSums ranks) {
    double[] own =
        IntStream.range(0, mask.length)
            .filter(i -> mask[i] > 0)
            .mapToDouble(i -> advantages[i])
            .toArray();
    var all = RankMoments.of(own, ranks);
    return IntStream.range(0, mask.length)
        .mapToDouble(i -> mask[i] > 0 ? all.normalised(advantages[i]) : 0)
        .toArray();
  }
}
