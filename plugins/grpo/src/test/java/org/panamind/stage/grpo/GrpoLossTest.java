package org.panamind.stage.grpo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * Each loss against its paper's formula in loops over double: answers of unequal lengths, ratios on
 * both sides of both limits, good and bad answers, a divergence from the reference.
 */
class GrpoLossTest {
  private static final int N = 5;
  private static final int R = 6;
  private static final int LONGEST = 9;
  private static final double LOW = 0.2;
  private static final double HIGH = 0.35;
  private static final double BETA = 0.3;
  private static final int[] LENGTHS = {6, 5, 3, 1, 4};
  private static final double[] ADVANTAGES = {1.2, -0.7, 0.4, -2, -0.9};

  private final TensorScope scope = TensorScope.open();
  private final double[] now = new double[N * R];
  private final double[] before = new double[N * R];
  private final double[] reference = new double[N * R];

  GrpoLossTest() {
    var random = new Random(5);
    for (int i = 0; i < now.length; i++) {
      // Answers as wholes are off too, for a ratio of each answer.
      now[i] = -3 * random.nextDouble();
      before[i] = now[i] + 0.6 * random.nextGaussian() + (i / R % 2 == 0 ? -0.1 : 0.1);
      reference[i] = now[i] + random.nextGaussian();
    }
  }

  @AfterEach
  void free() {
    scope.close();
  }

  private static GrpoLoss loss(LossType type) {
    return new GrpoLoss(type, LOW, HIGH, BETA, LONGEST);
  }

  private GrpoLoss.Tokens tokens(Tensor now) {
    return new GrpoLoss.Tokens(
        now,
        Tensor.of(before, N, R),
        Tensor.of(reference, N, R),
        Tensor.of(ADVANTAGES, N, 1),
        Tensor.of(mask(), N, R));
  }

  private static double[] mask() {
    var mask = new double[N * R];
    for (int n = 0; n < N; n++) Arrays.fill(mask, n * R, n * R + LENGTHS[n], 1);
    return mask;
  }

  private static double clipped(double ratio, double advantage) {
    double limited = Math.max(1 - LOW, Math.min(1 + HIGH, ratio));
    return Math.min(ratio * advantage, limited * advantage);
  }

  /** Summed log-ratio of an answer over its length. */
  private double meanLogRatio(double[] now, int n) {
    double sum = 0;
    for (int t = 0; t < LENGTHS[n]; t++) sum += now[n * R + t] - before[n * R + t];
    return sum / LENGTHS[n];
  }

  /** What a token gains, with the ratio that CISPO takes for a constant from {@code fixed}. */
  private double gain(LossType type, double[] now, double[] fixed, int n, int t) {
    int i = n * R + t;
    return switch (type) {
      case CISPO -> Math.min(Math.exp(fixed[i] - before[i]), 1 + HIGH) * ADVANTAGES[n] * now[i];
      case GSPO -> clipped(Math.exp(meanLogRatio(now, n)), ADVANTAGES[n]);
      default -> clipped(Math.exp(now[i] - before[i]), ADVANTAGES[n]);
    };
  }

  /** The mean that the paper has, of some answers. */
  private double byHand(LossType type, double[] now, double[] fixed) {
    double ofMeans = 0;
    double ofTokens = 0;
    int tokens = 0;
    for (int n = 0; n < N; n++) {
      double answer = 0;
      for (int t = 0; t < LENGTHS[n]; t++) {
        double away = reference[n * R + t] - now[n * R + t];
        answer += -gain(type, now, fixed, n, t) + BETA * (Math.exp(away) - away - 1);
      }
      ofMeans += answer / LENGTHS[n];
      ofTokens += answer;
      tokens += LENGTHS[n];
    }
    return switch (type) {
      case GRPO, GSPO -> ofMeans / N;
      case DAPO, BNPO, CISPO -> ofTokens / tokens;
      case DR_GRPO -> ofTokens / (N * LONGEST);
    };
  }

  private static double weight(LossType type) {
    return type.countsTokens() ? Arrays.stream(LENGTHS).sum() : N;
  }

  @Test
  void ratiosOfTheseTestsLieOnAllSidesOfTheLimits() {
    for (double sign : new double[] {1, -1}) {
      int above = 0;
      int below = 0;
      int within = 0;
      for (int n = 0; n < N; n++) {
        for (int t = 0; t < LENGTHS[n]; t++) {
          if (ADVANTAGES[n] * sign < 0) continue;
          double ratio = Math.exp(now[n * R + t] - before[n * R + t]);
          if (ratio > 1 + HIGH) above++;
          else if (ratio < 1 - LOW) below++;
          else within++;
        }
      }
      assertTrue(above > 0 && below > 0 && within > 0, above + " " + below + " " + within);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isThePapersFormula(LossType type) {
    double sum = loss(type).sum(tokens(Tensor.of(now, N, R)), N).item();
    assertEquals(byHand(type, now, now), sum / weight(type), 1e-12);
  }

  @ParameterizedTest
  @EnumSource
  void gradientIsThatOfFiniteDifferences(LossType type) {
    var learned = Tensor.of(now, N, R).requiresGrad(true);
    loss(type).sum(tokens(learned), N).backward();
    double[] gradient = learned.grad().toDoubleArray();
    for (int i = 0; i < now.length; i++) {
      double[] up = now.clone();
      double[] down = now.clone();
      up[i] += 1e-6;
      down[i] -= 1e-6;
      double slope = (byHand(type, up, now) - byHand(type, down, now)) / 2e-6;
      assertEquals(slope, gradient[i] / weight(type), 1e-8, "token " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BNPO")
  void isTheSameHoweverABatchIsCut(LossType type) {
    var all = tokens(Tensor.of(now, N, R));
    double parts = 0;
    double weights = 0;
    for (int[] span : new int[][] {{0, 2}, {2, 3}}) {
      var part =
          new GrpoLoss.Tokens(
              all.now().narrow(0, span[0], span[1]),
              all.before().narrow(0, span[0], span[1]),
              all.reference().narrow(0, span[0], span[1]),
              all.advantages().narrow(0, span[0], span[1]),
              all.mask().narrow(0, span[0], span[1]));
      parts += loss(type).sum(part, span[1]).item();
      weights += type.countsTokens() ? part.mask().sum().item() : span[1];
    }
    assertEquals(byHand(type, now, now), parts / weights, 1e-12);
  }

  @ParameterizedTest
  @EnumSource
  void countsTheTokensWhoseGradientTheLimitsTouch(LossType type) {
    int clipped = 0;
    for (int n = 0; n < N; n++) {
      for (int t = 0; t < LENGTHS[n]; t++) {
        double token = Math.exp(now[n * R + t] - before[n * R + t]);
        double ratio = type == LossType.GSPO ? Math.exp(meanLogRatio(now, n)) : token;
        boolean good = ADVANTAGES[n] > 0 && ratio > 1 + HIGH;
        boolean bad = ADVANTAGES[n] < 0 && ratio < 1 - LOW;
        if (type == LossType.CISPO ? ratio > 1 + HIGH : good || bad) clipped++;
      }
    }
    double share = loss(type).clippedShare(tokens(Tensor.of(now, N, R))).item();
    assertEquals((double) clipped / Arrays.stream(LENGTHS).sum(), share, 1e-12);
  }
}
