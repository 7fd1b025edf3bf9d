package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Draws against the distribution that the settings describe. */
class SamplingTest {
  private static final int DRAWS = 20_000;

  /** Logits whose softmax is .5, .25, .15, .1. */
  private static final double[] PROBABILITIES = {.25, .5, .1, .15};

  private static double[] shares(Sampling sampling) {
    Generators.seed(11);
    try (var scope = TensorScope.open()) {
      var logs = new float[4];
      for (int i = 0; i < 4; i++) logs[i] = (float) Math.log(PROBABILITIES[i]);
      var logits = Tensor.of(logs, 1, 4).expand(DRAWS, 4);
      var shares = new double[4];
      for (long id : sampling.draw(logits, null).ids().toLongArray())
        shares[(int) id] += 1.0 / DRAWS;
      return shares;
    }
  }

  @Test
  void temperatureOneDrawsTheSoftmax() {
    assertArrayEquals(PROBABILITIES, shares(new Sampling(1, 0, 1)), 0.015);
  }

  @Test
  void drawsByTheGivenNumber() {
    try (var scope = TensorScope.open()) {
      var logs = new float[4];
      for (int i = 0; i < 4; i++) logs[i] = (float) Math.log(PROBABILITIES[i]);
      var logits = Tensor.of(logs, 1, 4).expand(6, 4);
      // The first is drawn below .25, the second below .75, the third below .85.
      var uniform = Tensor.of(new float[] {0, .24f, .26f, .74f, .76f, Math.nextDown(1f)}, 6, 1);
      var plain = new Sampling(1, 0, 1).draw(logits, null, uniform).ids();
      assertArrayEquals(new long[] {0, 0, 1, 1, 2, 3}, plain.toLongArray());
      // Of the two likeliest, the likelier first, up to 2/3.
      var two = new Sampling(1, 2, 1).draw(logits, null, uniform).ids();
      assertArrayEquals(new long[] {1, 1, 1, 0, 0, 0}, two.toLongArray());
      // What is cut is not drawn, however near to 1.
      var cut = new Sampling(1, 0, .7).draw(logits, null, uniform).ids();
      assertArrayEquals(new long[] {1, 1, 1, 0, 0, 0}, cut.toLongArray());
    }
  }

  @Test
  void temperatureSharpens() {
    double sum = .25 * .25 + .5 * .5 + .1 * .1 + .15 * .15;
    double[] squares = {.0625 / sum, .25 / sum, .01 / sum, .0225 / sum};
    assertArrayEquals(squares, shares(new Sampling(0.5, 0, 1)), 0.015);
  }

  @Test
  void zeroTemperatureTakesTheLikeliest() {
    assertArrayEquals(new double[] {0, 1, 0, 0}, shares(Sampling.GREEDY), 1e-9);
  }

  @Test
  void topKKeepsTheKLikeliest() {
    assertArrayEquals(new double[] {1 / 3., 2 / 3., 0, 0}, shares(new Sampling(1, 2, 1)), 0.015);
    assertArrayEquals(PROBABILITIES, shares(new Sampling(1, 9, 1)), 0.015);
  }

  @Test
  void topPKeepsTheSmallestSetThatReachesIt() {
    assertArrayEquals(new double[] {1 / 3., 2 / 3., 0, 0}, shares(new Sampling(1, 0, .7)), 0.015);
    assertArrayEquals(new double[] {0, 1, 0, 0}, shares(new Sampling(1, 0, 1e-6)), 1e-9);
  }

  @Test
  void topPOfManyTokensIsThatOfAllSorted() {
    Generators.seed(12);
    try (var scope = TensorScope.open()) {
      // The first row's mass lies on few tokens, the second's on all: a batch of either, and both.
      var sharp = Torch.randn(DType.FLOAT32, Device.CPU, 1, 2000).mul(4);
      var flat = Torch.randn(DType.FLOAT32, Device.CPU, 1, 2000).mul(0.1);
      for (var logits : List.of(sharp, flat, Torch.cat(List.of(sharp, flat), 0))) {
        long rows = logits.size(0);
        for (int i = 0; i < 50; i++) {
          var draw = new Sampling(1, 0, 0.9).draw(logits, null);
          for (int row = 0; row < rows; row++) {
            double[] p = logits.select(0, row).softmax(-1).toDoubleArray();
            double own = p[(int) draw.ids().toLongArray()[row]];
            double likelier = Arrays.stream(p).filter(q -> q > own).sum();
            assertTrue(likelier < 0.9 + 1e-5, "a token behind " + likelier + " was drawn");
            var sorted = Arrays.stream(p).map(q -> -q).sorted().map(q -> -q).toArray();
            double kept = 0;
            for (int k = 0; kept < 0.9; k++) kept += sorted[k];
            assertEquals(Math.log(own / kept), draw.logProbs().toFloatArray()[row], 2e-3);
          }
        }
      }
    }
  }

  @Test
  void minPKeepsThoseNearTheLikeliest() {
    double[] two = {1 / 3., 2 / 3., 0, 0};
    assertArrayEquals(two, shares(new Sampling(1, 0, 1, 0.4, 1)), 0.015);
    assertArrayEquals(PROBABILITIES, shares(new Sampling(1, 0, 1, 0.1, 1)), 0.015);
  }

  @Test
  void cutsActOneAfterTheOther() {
    // top-k leaves .5, .25, .15 of .9; top-p then reaches .8 with the first two.
    double[] two = {1 / 3., 2 / 3., 0, 0};
    assertArrayEquals(two, shares(new Sampling(1, 3, 0.8)), 0.015);
  }

  @Test
  void penaltyDividesAboveZeroAndMultipliesBelow() {
    try (var scope = TensorScope.open()) {
      var logits = Tensor.of(new float[] {2, 1.5f, -1, -1.5f}, 1, 4);
      var seen = Tensor.of(new boolean[] {true, false, true, false}, 1, 4);
      var draw = new Sampling(0, 0, 1, 0, 2).draw(logits, seen);
      assertEquals(1, draw.ids().itemLong());
      var all = Tensor.of(new boolean[] {true, true, true, true}, 1, 4);
      assertEquals(0, new Sampling(0, 0, 1, 0, 2).draw(logits, all).ids().itemLong());
      var low = Tensor.of(new float[] {-1, -1.5f, -9, -9}, 1, 4);
      assertEquals(1, new Sampling(0, 0, 1, 0, 2).draw(low, seen).ids().itemLong());
    }
  }

  @Test
  void logProbsAreThoseOfTheDistributionDrawnFrom() {
    Generators.seed(2);
    try (var scope = TensorScope.open()) {
      var logs = new float[4];
      for (int i = 0; i < 4; i++) logs[i] = (float) Math.log(PROBABILITIES[i]);
      var logits = Tensor.of(logs, 1, 4).expand(50, 4);
      var draw = new Sampling(1, 2, 1).draw(logits, null);
      long[] ids = draw.ids().toLongArray();
      for (int i = 0; i < ids.length; i++) {
        double full = Math.log(PROBABILITIES[(int) ids[i]]);
        assertEquals(full - Math.log(.75), draw.logProbs().toFloatArray()[i], 1e-5);
        assertEquals(full, draw.fullLogProbs().toFloatArray()[i], 1e-5);
      }
      assertEquals(0, Sampling.GREEDY.draw(logits, null).logProbs().abs().max().item());
    }
  }

  @Test
  void boundsNameTheFlag() {
    assertEquals(
        "--min_p is 2.0, must be at least 0, at most 1",
        assertThrows(ModelConfigException.class, () -> new Sampling(1, 0, 1, 2, 1)).getMessage());
    assertEquals(
        "--repetition_penalty is 0.0, must be above 0",
        assertThrows(ModelConfigException.class, () -> new Sampling(1, 0, 1, 0, 0)).getMessage());
    assertRefused("--temperature is -0.1, must be at least 0", -0.1, 0, 1);
    assertRefused("--temperature is NaN, must be at least 0", Double.NaN, 0, 1);
    assertRefused("--top_k is -1, must be at least 0", 1, -1, 1);
    assertRefused("--top_p is 0.0, must be above 0, at most 1", 1, 0, 0);
    assertRefused("--top_p is 1.5, must be above 0, at most 1", 1, 0, 1.5);
  }

  private static void assertRefused(String message, double temperature, int topK, double topP) {
    var e = assertThrows(ModelConfigException.class, () -> new Sampling(temperature, topK, topP));
    assertEquals(message, e.getMessage());
  }
}
