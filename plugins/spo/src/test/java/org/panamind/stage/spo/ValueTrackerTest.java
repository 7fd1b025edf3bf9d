package org.panamind.stage.spo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tracker against the recurrences of arXiv:2509.13232, section 3.2. */
class ValueTrackerTest {
  private static final Forgetting PAPERS = new Forgetting(0.06, 0.875, 0.96);

  @ParameterizedTest
  @CsvSource({"0, 8", "3, 8", "8, 8", "0, 0", "0.5, 1"})
  void beginsWithTheWeightThatTheSlowestForgettingKeeps(double successes, int answers) {
    var belief = Belief.initial(successes, answers, 0.875);
    double share = (successes + 0.5) / (answers + 1);
    assertEquals(8 * share, belief.alpha(), 1e-12);
    assertEquals(8 * (1 - share), belief.beta(), 1e-12);
    assertEquals(share, belief.value(), 1e-12);
  }

  @Test
  void followsTheRecurrence() {
    var random = new Random(2);
    var belief = Belief.initial(5, 8, 0.875);
    double alpha = 8 * 5.5 / 9;
    double beta = 8 - alpha;
    for (int i = 0; i < 50; i++) {
      double reward = random.nextBoolean() ? 1 : random.nextDouble();
      double kept = PAPERS.kept(0.02 * random.nextDouble());
      alpha = kept * alpha + reward;
      beta = kept * beta + 1 - reward;
      belief = belief.after(reward, kept);
      assertEquals(alpha, belief.alpha(), 1e-12);
      assertEquals(beta, belief.beta(), 1e-12);
      assertEquals(alpha / (alpha + beta), belief.value(), 1e-12);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0.96", "0.001, 0.96", "0.006, 0.9330329915", "0.01, 0.8908987181", "0.06, 0.875"})
  void keepsLessTheFurtherThePolicyHasMoved(double change, double kept) {
    assertEquals(kept, PAPERS.kept(change), 1e-9);
  }

  @Test
  void onePromptNeverMetIsWorthOneHalf() {
    var tracker = new ValueTracker();
    assertNull(tracker.of(3));
    assertEquals(0.5, tracker.value(3));
  }

  @Test
  void comesBackFromItsTextBitForBit() {
    var tracker = new ValueTracker();
    var random = new Random(4);
    for (long sample : new long[] {7, 0, 1L << 40}) {
      var answer = random.ints(random.nextInt(5), 0, 6400).toArray();
      var logProbs = new float[answer.length];
      for (int t = 0; t < logProbs.length; t++) logProbs[t] = -random.nextFloat() / 3;
      var belief = new Belief(random.nextDouble(), Math.PI * random.nextDouble());
      tracker.put(sample, new ValueTracker.Known(belief, answer, logProbs));
    }
    var other = new ValueTracker();
    other.put(99, new ValueTracker.Known(new Belief(1, 2), new int[0], new float[0]));
    other.read(tracker.text());
    assertEquals(tracker.text(), other.text());
    assertNull(other.of(99));
    for (long sample : new long[] {7, 0, 1L << 40}) {
      assertEquals(tracker.of(sample).belief(), other.of(sample).belief());
      assertArrayEquals(tracker.of(sample).answer(), other.of(sample).answer());
      assertArrayEquals(tracker.of(sample).logProbs(), other.of(sample).logProbs());
    }
  }

  @Test
  void minimind2sIsOneForAllPromptsAndRemembersTheLastMean() {
    var tracker = new MiniMindTracker();
    assertEquals(0, tracker.baseline(), 1e-12);
    double alpha = 1;
    double beta = 1;
    double[] kept = {0.9, Math.pow(2, -0.05 / 0.06), 0.96, 0.5};
    double[] logProbs = {-1, -1.05, -1.05, -3};
    for (int i = 0; i < kept.length; i++) {
      double reward = i - 1.5;
      assertEquals(kept[i], tracker.learn(reward, logProbs[i]), 1e-9);
      alpha = kept[i] * alpha + (reward + 3) / 6;
      beta = kept[i] * beta + 1 - (reward + 3) / 6;
      assertEquals(6 * alpha / (alpha + beta) - 3, tracker.baseline(), 1e-9);
    }
    var other = new MiniMindTracker();
    other.read(tracker.text());
    assertEquals(tracker.learn(1, -2.98), other.learn(1, -2.98));
    assertEquals(tracker.text(), other.text());
  }
}
