package org.panamind.stage.spo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** The clipped loss with its second limit against the formula by hand. */
class SpoLossTest {
  private static final double[] LOG_RATIOS = {0, 0.1, 0.4, 3, -0.1, -0.5, -4, 2.2, 2.4};
  private static final double[] ADVANTAGES = {1.5, -0.8};

  private static double byHand(double ratio, double advantage, double dual) {
    double limited = Math.max(0.8, Math.min(1.28, ratio));
    double gain = Math.min(ratio * advantage, limited * advantage);
    if (dual > 0 && advantage < 0) gain = Math.max(gain, dual * advantage);
    return -gain;
  }

  private static Tensor losses(Tensor now, double dual) {
    int width = LOG_RATIOS.length;
    var before = Tensor.of(new double[2 * width], 2, width);
    return new SpoLoss(0.2, 0.28, dual).of(now, before, Tensor.of(ADVANTAGES, 2, 1));
  }

  private static double[] twice() {
    var both = new double[2 * LOG_RATIOS.length];
    for (int i = 0; i < both.length; i++) both[i] = LOG_RATIOS[i % LOG_RATIOS.length];
    return both;
  }

  @Test
  void isThePapersFormulaAndItsGradientThatOfFiniteDifferences() {
    int width = LOG_RATIOS.length;
    for (double dual : new double[] {0, 10}) {
      try (var scope = TensorScope.open()) {
        var now = Tensor.of(twice(), 2, width).requiresGrad(true);
        var losses = losses(now, dual);
        losses.sum().backward();
        double[] found = losses.toDoubleArray();
        double[] gradient = now.grad().toDoubleArray();
        for (int i = 0; i < found.length; i++) {
          double log = LOG_RATIOS[i % width];
          double advantage = ADVANTAGES[i / width];
          assertEquals(byHand(Math.exp(log), advantage, dual), found[i], 1e-9);
          double slope =
              (byHand(Math.exp(log + 1e-6), advantage, dual)
                      - byHand(Math.exp(log - 1e-6), advantage, dual))
                  / 2e-6;
          assertEquals(slope, gradient[i], 1e-4);
        }
      }
    }
  }

  @Test
  void theSecondLimitBoundsWhatABadAnswerCosts() {
    try (var scope = TensorScope.open()) {
      double[] free = losses(Tensor.of(twice(), 2, LOG_RATIOS.length), 0).toDoubleArray();
      double[] bound = losses(Tensor.of(twice(), 2, LOG_RATIOS.length), 10).toDoubleArray();
      int worst = LOG_RATIOS.length + 3;
      assertTrue(free[worst] > 15);
      assertEquals(8, bound[worst], 1e-9);
    }
  }
}
