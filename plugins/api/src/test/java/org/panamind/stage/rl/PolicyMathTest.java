package org.panamind.stage.rl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Estimates of the divergence by expectation over all tokens of a small vocabulary. */
class PolicyMathTest {
  private static final double[] LOGITS = {0.3, -1.2, 0.9, 0.1, -0.4};
  private static final double[] OTHER = {-0.5, 0.2, 1.1, -1, 0.7};

  private final TensorScope scope = TensorScope.open();

  @AfterEach
  void free() {
    scope.close();
  }

  private static double[] softmax(double[] logits) {
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    return Arrays.stream(logits).map(x -> Math.exp(x) / sum).toArray();
  }

  private static double divergence(double[] p, double[] q) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) sum += p[i] * Math.log(p[i] / q[i]);
    return sum;
  }

  private static double[] slopes(ToDoubleFunction<double[]> of) {
    var slopes = new double[LOGITS.length];
    for (int i = 0; i < slopes.length; i++) {
      double[] up = LOGITS.clone();
      double[] down = LOGITS.clone();
      up[i] += 1e-6;
      down[i] -= 1e-6;
      slopes[i] = (of.applyAsDouble(up) - of.applyAsDouble(down)) / 2e-6;
    }
    return slopes;
  }

  /** Expected value and expected gradient as a loss, when the policy draws the tokens. */
  private static double expected(BinaryOperator<Tensor> form, double[] gradient) {
    var logits = Tensor.of(LOGITS, LOGITS.length).requiresGrad(true);
    var other = Tensor.of(OTHER, OTHER.length).logSoftmax(-1);
    var losses = form.apply(logits.logSoftmax(-1), other);
    var drawn = Tensor.of(softmax(LOGITS), LOGITS.length);
    var mean = losses.mul(drawn).sum();
    mean.backward();
    System.arraycopy(logits.grad().toDoubleArray(), 0, gradient, 0, gradient.length);
    return mean.item();
  }

  @Test
  void k1IsTheDivergenceAndHasNoGradientAsALoss() {
    var gradient = new double[LOGITS.length];
    double value = expected(PolicyMath::k1, gradient);
    assertEquals(divergence(softmax(LOGITS), softmax(OTHER)), value, 1e-12);
    assertArrayEquals(new double[LOGITS.length], gradient, 1e-12);
  }

  @Test
  void k2HasTheDivergencesGradient() {
    var gradient = new double[LOGITS.length];
    expected(PolicyMath::k2, gradient);
    double[] wanted = slopes(logits -> divergence(softmax(logits), softmax(OTHER)));
    assertArrayEquals(wanted, gradient, 1e-8);
    assertTrue(Arrays.stream(wanted).anyMatch(slope -> Math.abs(slope) > 0.1));
  }

  @Test
  void k3IsTheDivergenceAndHasTheGradientOfTheOneTurnedRound() {
    var gradient = new double[LOGITS.length];
    double value = expected(PolicyMath::k3, gradient);
    assertEquals(divergence(softmax(LOGITS), softmax(OTHER)), value, 1e-12);
    double[] wanted = slopes(logits -> divergence(softmax(OTHER), softmax(logits)));
    assertArrayEquals(wanted, gradient, 1e-8);
  }

  @Test
  void meansAreOverTheMaskAndZeroWhereItHoldsNothing() {
    var values = Tensor.of(new double[] {1, 2, 30, 4, 50, 60}, 3, 2);
    var mask = Tensor.of(new double[] {1, 1, 0, 1, 0, 0}, 3, 2);
    assertArrayEquals(
        new double[] {1.5, 4, 0}, PolicyMath.rowMeans(values, mask).toDoubleArray(), 1e-12);
    assertEquals(7.0 / 3, PolicyMath.mean(values, mask).item(), 1e-12);
    assertEquals(0, PolicyMath.mean(values, mask.mul(0)).item());
  }
}
