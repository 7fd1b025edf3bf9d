package org.panamind.stage.ppo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.trial.SimulatedRanks;

/** Advantages of random episodes against the sum that the paper's recursion comes from. */
class EpisodesTest {
  private static final int N = 40;
  private static final int R = 12;

  private final Random random = new Random(8);
  private final long[] lengths = IntStream.range(0, N).mapToLong(n -> 1 + n % R).toArray();
  private final double[] rewards = IntStream.range(0, N * R).mapToDouble(this::any).toArray();
  private final double[] values = IntStream.range(0, N * (R + 1)).mapToDouble(this::any).toArray();
  private final boolean[] ended = new boolean[N];

  EpisodesTest() {
    for (int n = 0; n < N; n++) ended[n] = random.nextInt(3) > 0;
  }

  private double any(int i) {
    return random.nextGaussian();
  }

  private Episodes episodes(double gamma, double lambda) {
    return Episodes.of(new Episodes.Course(rewards, values, lengths, ended), gamma, lambda);
  }

  private double value(int n, int t) {
    return t == lengths[n] && ended[n] ? 0 : values[n * (R + 1) + t];
  }

  /** {@code sum over l of (gamma lambda)^l delta_(t + l)}. */
  private double advantage(int n, int t, double gamma, double lambda) {
    double sum = 0;
    for (int l = 0; t + l < lengths[n]; l++) {
      double delta = rewards[n * R + t + l] + gamma * value(n, t + l + 1) - value(n, t + l);
      sum += Math.pow(gamma * lambda, l) * delta;
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"1, 0.95", "0.9, 0.7", "1, 1", "0.8, 0", "0, 0.5"})
  void areThePapersSums(double gamma, double lambda) {
    var episodes = episodes(gamma, lambda);
    for (int n = 0; n < N; n++) {
      for (int t = 0; t < R; t++) {
        double wanted = t < lengths[n] ? advantage(n, t, gamma, lambda) : 0;
        double target = t < lengths[n] ? wanted + value(n, t) : 0;
        assertEquals(wanted, episodes.advantages()[n * R + t], 1e-12);
        assertEquals(target, episodes.returns()[n * R + t], 1e-12);
      }
    }
  }

  @Test
  void lookingToTheEndIsTheRewardStillToComeLessTheValue() {
    var episodes = episodes(1, 1);
    for (int n = 0; n < N; n++) {
      double toCome = ended[n] ? 0 : values[n * (R + 1) + (int) lengths[n]];
      for (int t = (int) lengths[n] - 1; t >= 0; t--) {
        toCome += rewards[n * R + t];
        assertEquals(toCome, episodes.returns()[n * R + t], 1e-12);
      }
    }
  }

  /** 1 on the tokens of all answers but every fifth. */
  private float[] mask() {
    var mask = new float[N * R];
    for (int n = 0; n < N; n++)
      if (n % 5 > 0) Arrays.fill(mask, n * R, n * R + (int) lengths[n], 1);
    return mask;
  }

  private double[] whitenedByHand() {
    double[] all = episodes(1, 0.95).advantages();
    float[] mask = mask();
    double count = 0;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < all.length; i++) {
      count += mask[i];
      sum += mask[i] * all[i];
      squares += mask[i] * all[i] * all[i];
    }
    double mean = sum / count;
    double deviation = Math.sqrt(squares / count - mean * mean);
    var whitened = new double[all.length];
    for (int i = 0; i < all.length; i++)
      whitened[i] = mask[i] * (all[i] - mean) / (deviation + 1e-8);
    return whitened;
  }

  @Test
  void haveMeanZeroAndDeviationOneOverTheTokensThatCount() {
    double[] whitened = episodes(1, 0.95).whitened(mask(), RankSums.ALONE);
    assertArrayEquals(whitenedByHand(), whitened, 1e-9);
  }

  @Test
  void areWhitenedOverTheTokensOfAllRanks() {
    var parts =
        SimulatedRanks.of(
            3,
            (share, ranks) -> {
              var rows = share.of(0, N);
              int from = (int) rows.from() * R;
              int to = (int) rows.to() * R;
              double[] own = Arrays.copyOfRange(episodes(1, 0.95).advantages(), from, to);
              float[] mask = Arrays.copyOfRange(mask(), from, to);
              return new Episodes(own, own).whitened(mask, ranks);
            });
    double[] together = parts.stream().flatMapToDouble(Arrays::stream).toArray();
    assertArrayEquals(whitenedByHand(), together, 1e-9);
  }
}
