package org.panamind.model.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.panamind.model.Decoder;
import org.panamind.model.ModelConfig;
import org.panamind.model.Sampling;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Answers that were put side by side, chosen or known before are judged as each would be alone. */
class RolloutTest {
  private static final int VOCAB = 20;
  private static final long PAD = 0;
  private static final long END = 2;
  private static final double TEMPERATURE = 0.7;

  private TensorScope scope;
  private Decoder decoder;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    Generators.seed(4);
    decoder =
        Decoder.random(ModelConfig.minimind2(VOCAB, 32, 2, 4, 2, 0, 64, 1e6, null, 0), Device.CPU);
    try (var no = NoGrad.enter()) {
      decoder.parameters().values().stream().filter(p -> p.dim() == 2).forEach(p -> p.mul_(8));
    }
  }

  @AfterEach
  void close() {
    decoder.close();
    scope.close();
  }

  private Rollout generate(int longest, long[]... prompts) {
    var options = new RolloutOptions(longest, END, PAD, new Sampling(TEMPERATURE, 0, 1));
    long[] seeds = IntStream.range(0, prompts.length).mapToLong(n -> n + 3).toArray();
    return new RolloutEngine(decoder, DType.FLOAT32).generate(List.of(prompts), seeds, options);
  }

  private Rollout three() {
    return generate(12, new long[] {5, 6, 7}, new long[] {8}, new long[] {9, 10});
  }

  private Rollout two() {
    return generate(25, new long[] {3, 4, 5, 6, 7, 8}, new long[] {11, 12});
  }

  private double[] judged(Rollout rollout) {
    try (var no = NoGrad.enter()) {
      return rollout.logProbsUnder(decoder, rollout.forward(decoder), TEMPERATURE).toDoubleArray();
    }
  }

  /** The row's prompt, answer, log-probabilities and end, without padding. */
  private static List<Object> row(Rollout rollout, int n) {
    long start = rollout.firstKey().toLongArray()[n];
    int length = (int) rollout.lengths()[n];
    long[] ids = rollout.ids().select(0, n).toLongArray();
    return List.of(
        Arrays.toString(Arrays.copyOfRange(ids, (int) start, rollout.promptWidth())),
        Arrays.toString(rollout.answers().get(n)),
        Arrays.toString(own(rollout.logProbs(), n, length)),
        Arrays.toString(own(rollout.fullLogProbs(), n, length)),
        rollout.ended().get(n));
  }

  private static double[] own(Tensor table, int n, int length) {
    return Arrays.copyOf(table.select(0, n).toDoubleArray(), length);
  }

  @Test
  void joinedRowsAreTheSameRowsAndAreJudgedAlike() {
    var first = three();
    var second = two();
    assertTrue(first.responseWidth() != second.responseWidth());
    for (var parts : List.of(List.of(first, second), List.of(second, first))) {
      var joined = Rollout.join(parts, PAD);
      assertEquals(DType.INT64, joined.firstKey().dtype());
      assertEquals(6, joined.promptWidth());
      int n = 0;
      for (var part : parts)
        for (int i = 0; i < part.lengths().length; i++)
          assertEquals(row(part, i), row(joined, n++));
      assertArrayEquals(joined.fullLogProbs().toDoubleArray(), judged(joined), 1e-4);
    }
  }

  @Test
  void chosenRowsComeInTheirOrder() {
    var all = three();
    var chosen = all.rows(2, 0, 2);
    assertEquals(List.of(row(all, 2), row(all, 0), row(all, 2)), rows(chosen));
    assertArrayEquals(chosen.fullLogProbs().toDoubleArray(), judged(chosen), 1e-4);
  }

  private static List<List<Object>> rows(Rollout rollout) {
    var rows = new ArrayList<List<Object>>();
    for (int n = 0; n < rollout.lengths().length; n++) rows.add(row(rollout, n));
    return rows;
  }

  @Test
  void givenAnswersAreJudgedAsTheDrawnOnesWere() {
    var drawn = three();
    var prompts = List.of(new long[] {5, 6, 7}, new long[] {8}, new long[] {9, 10});
    var given = Rollout.given(prompts, drawn.answers(), PAD, END, Device.CPU);
    assertTrue(drawn.ids().equalTo(given.ids()));
    assertTrue(drawn.mask().equalTo(given.mask()));
    assertTrue(drawn.firstKey().equalTo(given.firstKey()));
    assertEquals(drawn.ended(), given.ended());
    assertArrayEquals(drawn.fullLogProbs().toDoubleArray(), judged(given), 1e-4);
  }

  @Test
  void behindAnAnswersEndLogProbabilitiesAreZero() {
    // So sharp that a padding's own would be below what its exponential can be the inverse of.
    try (var no = NoGrad.enter()) {
      decoder.parameters().values().forEach(p -> p.mul_(6));
    }
    var rollout = two();
    float[] mask = rollout.mask().toFloatArray();
    double[] values = judged(rollout);
    int behind = 0;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i] > 0) continue;
      assertEquals(0, values[i], 0.0);
      behind++;
    }
    assertTrue(behind > 0);
  }
}
