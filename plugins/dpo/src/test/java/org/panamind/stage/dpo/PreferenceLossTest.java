package org.panamind.stage.dpo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** The loss against the papers' formulas in double arithmetic. */
class PreferenceLossTest {
  private static final double BETA = 0.3;
  private static final double[] CHOSEN = {-3, -8, -2.5};
  private static final double[] REJECTED = {-5, -4, -2};
  private static final double[] KNOWN_CHOSEN = {-4, -7, -1};
  private static final double[] KNOWN_REJECTED = {-4.5, -4, -6};

  private final TensorScope scope = TensorScope.open();

  @AfterEach
  void free() {
    scope.close();
  }

  private static double margin(int i) {
    return CHOSEN[i] - REJECTED[i] - (KNOWN_CHOSEN[i] - KNOWN_REJECTED[i]);
  }

  private static double byHand(LossType type, double h) {
    return switch (type) {
      case SIGMOID -> Math.log1p(Math.exp(-BETA * h));
      case IPO -> (h - 1 / (2 * BETA)) * (h - 1 / (2 * BETA));
      case HINGE -> Math.max(0, 1 - BETA * h);
    };
  }

  private static Tensor losses(PreferenceLoss loss, double[] chosen) {
    return loss.of(
        new PreferenceLoss.Pair(Tensor.of(chosen, 3), Tensor.of(REJECTED, 3)),
        new PreferenceLoss.Pair(Tensor.of(KNOWN_CHOSEN, 3), Tensor.of(KNOWN_REJECTED, 3)));
  }

  @ParameterizedTest
  @EnumSource
  void isThePapersFormula(LossType type) {
    double[] losses = losses(new PreferenceLoss(BETA, false, type, 0), CHOSEN).toDoubleArray();
    for (int i = 0; i < 3; i++) assertEquals(byHand(type, margin(i)), losses[i], 1e-9);
  }

  @ParameterizedTest
  @EnumSource
  void smoothingCountsAShareOfPairsTurnedRound(LossType type) {
    double[] losses = losses(new PreferenceLoss(BETA, false, type, 0.2), CHOSEN).toDoubleArray();
    for (int i = 0; i < 3; i++) {
      double wanted = 0.8 * byHand(type, margin(i)) + 0.2 * byHand(type, -margin(i));
      assertEquals(wanted, losses[i], 1e-9);
    }
  }

  @ParameterizedTest
  @EnumSource
  void gradientIsThatOfFiniteDifferences(LossType type) {
    var loss = new PreferenceLoss(BETA, false, type, 0.1);
    var chosen = Tensor.of(CHOSEN, 3).requiresGrad(true);
    loss.of(
            new PreferenceLoss.Pair(chosen, Tensor.of(REJECTED, 3)),
            new PreferenceLoss.Pair(Tensor.of(KNOWN_CHOSEN, 3), Tensor.of(KNOWN_REJECTED, 3)))
        .sum()
        .backward();
    double[] gradient = chosen.grad().toDoubleArray();
    for (int i = 0; i < 3; i++) {
      double[] up = CHOSEN.clone();
      double[] down = CHOSEN.clone();
      up[i] += 1e-5;
      down[i] -= 1e-5;
      double slope =
          (losses(loss, up).toDoubleArray()[i] - losses(loss, down).toDoubleArray()[i]) / 2e-5;
      assertEquals(slope, gradient[i], 1e-6);
    }
  }

  @Test
  void halvesApartChosenFromRejected() {
    var pair = PreferenceLoss.Pair.of(Tensor.of(new double[] {1, 2, 3, 4}, 4));
    assertEquals(3, pair.chosen().sum().item());
    assertEquals(7, pair.rejected().sum().item());
  }
}
