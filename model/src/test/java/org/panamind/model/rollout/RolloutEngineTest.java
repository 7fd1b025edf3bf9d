package org.panamind.model.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.model.Decoder;
import org.panamind.model.Experts;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Batches of answers against single ones, and log-probabilities against a pass over the whole. */
class RolloutEngineTest {
  private static final int VOCAB = 20;
  private static final Sampling PLAIN = new Sampling(1.2, 0, 1);
  private static final ModelConfig SMALL =
      ModelConfig.minimind3(VOCAB, 32, 2, 4, 2, 0, 0, 64, 1e6, null, 0);

  private TensorScope scope;
  private Decoder decoder;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    decoder = sharp(SMALL);
  }

  @AfterEach
  void close() {
    decoder.close();
    scope.close();
  }

  /** Weights large enough that tokens differ in probability. */
  private static Decoder sharp(ModelConfig config) {
    Generators.seed(4);
    var made = Decoder.random(config, Device.CPU);
    try (var no = NoGrad.enter()) {
      made.parameters().values().stream().filter(p -> p.dim() == 2).forEach(p -> p.mul_(8));
    }
    return made;
  }

  private static List<long[]> prompts(int count) {
    var random = new Random(9);
    var prompts = new ArrayList<long[]>();
    for (int i = 0; i < count; i++) prompts.add(random.longs(1 + i % 5, 0, VOCAB).toArray());
    return prompts;
  }

  private Rollout generate(List<long[]> prompts, Sampling sampling, int stopEvery) {
    var options = new RolloutOptions(25, 2, 0, sampling, stopEvery);
    return generate(prompts, options);
  }

  private Rollout generate(List<long[]> prompts, RolloutOptions options) {
    return new RolloutEngine(decoder, DType.FLOAT32).generate(prompts, seeds(prompts, 77), options);
  }

  private static long[] seeds(List<long[]> prompts, long seed) {
    return new Random(seed).longs(prompts.size()).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 100})
  void greedyAnswersAreThoseOfEachPromptAlone(int stopEvery) {
    var prompts = prompts(12);
    var answers = generate(prompts, Sampling.GREEDY, stopEvery).answers();
    for (int n = 0; n < prompts.size(); n++) {
      var alone = new ArrayList<Long>();
      new TextGenerator(decoder).generate(prompts.get(n), 25, 2, Sampling.GREEDY, alone::add);
      if (alone.size() < 25) alone.add(2L);
      assertEquals(alone, Arrays.stream(answers.get(n)).boxed().toList(), "prompt " + n);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100})
  void ratioIsOneAtTheFirstUpdate(int stopEvery) {
    assertRatioIsOne(generate(prompts(16), PLAIN, stopEvery), PLAIN.temperature());
  }

  @Test
  void ratioIsOneWithExperts() {
    decoder.close();
    decoder = sharp(SMALL.with(Experts.MINIMIND2));
    assertRatioIsOne(generate(prompts(16), PLAIN, 2), PLAIN.temperature());
  }

  @Test
  void fullLogProbsStayThoseOfTheWeightsWhenTokensAreCut() {
    var sampling = new Sampling(0.8, 9, 0.9, 0.02, 1.3);
    var rollout = generate(prompts(16), sampling, 2);
    var gained = rollout.logProbs().sub(rollout.fullLogProbs()).mul(rollout.mask());
    assertTrue(gained.abs().max().item() > 0.01);
    assertRatioIsOne(rollout, 0.8);
  }

  private void assertRatioIsOne(Rollout rollout, double temperature) {
    long[] lengths = rollout.mask().sum(1, false).toLongArray();
    // Otherwise no row would have left the batch before another.
    assertTrue(Arrays.stream(lengths).distinct().count() > 3, Arrays.toString(lengths));
    var again = rollout.logProbsUnder(decoder, rollout.forward(decoder), temperature);
    assertTrue(again.requiresGrad());
    var ratio = again.detach().sub(rollout.fullLogProbs()).mul(rollout.mask());
    assertEquals(0, ratio.abs().max().item(), 1e-4);
  }

  @Test
  void maskReachesTheEndAndNoFurther() {
    var prompts = prompts(16);
    var rollout = generate(prompts, PLAIN, 4);
    int width = rollout.responseWidth();
    long[] ids = rollout.responses().contiguous().toLongArray();
    var mask = rollout.mask().toFloatArray();
    for (int n = 0; n < prompts.size(); n++) {
      int length = rollout.answers().get(n).length;
      boolean ended = rollout.ended().get(n);
      assertTrue(ended || length == 25, "answer " + n + " of " + length);
      for (int t = 0; t < width; t++) {
        int at = n * width + t;
        assertEquals(t < length ? 1 : 0, mask[at]);
        assertEquals(ended && t == length - 1, t < length && ids[at] == 2, n + ", " + t);
        if (t >= length) assertEquals(0, ids[at]);
      }
      var row = rollout.ids().select(0, n).toLongArray();
      int start = (int) rollout.firstKey().toLongArray()[n];
      assertArrayEquals(prompts.get(n), Arrays.copyOfRange(row, start, rollout.promptWidth()));
    }
    assertTrue(rollout.ended().contains(true));
  }

  @Test
  void tokenThatLooksLikePaddingIsCounted() {
    var greedy = generate(prompts(6), Sampling.GREEDY, 1);
    long said = greedy.answers().getFirst()[0];
    var options = new RolloutOptions(25, VOCAB + 1, said, Sampling.GREEDY);
    var rollout = generate(prompts(6), options);
    assertEquals(6 * 25, rollout.mask().sum().item());
    assertFalse(rollout.ended().contains(true));
  }

  @Test
  void equalSeedsDrawEqualAnswersAndLeaveTheGeneratorsAlone() {
    Generators.seed(5);
    var expected = Torch.rand(DType.FLOAT32, Device.CPU, 3).toFloatArray();
    Generators.seed(5);
    var first = generate(prompts(8), PLAIN, 4);
    assertArrayEquals(expected, Torch.rand(DType.FLOAT32, Device.CPU, 3).toFloatArray());
    assertTrue(first.ids().equalTo(generate(prompts(8), PLAIN, 4).ids()));
    var options = new RolloutOptions(25, 2, 0, PLAIN);
    var engine = new RolloutEngine(decoder, DType.FLOAT32);
    var other = engine.generate(prompts(8), seeds(prompts(8), 78), options);
    assertFalse(Arrays.equals(first.ids().toLongArray(), other.ids().toLongArray()));
  }

  @Test
  void answersDoNotDependOnTheRowsBesideThem() {
    var prompts = prompts(12);
    var seeds = seeds(prompts, 77);
    var together = generate(prompts, PLAIN, 4).answers();
    var options = new RolloutOptions(25, 2, 0, PLAIN, 3);
    var engine = new RolloutEngine(decoder, DType.FLOAT32);
    for (int n = 0; n < prompts.size(); n++) {
      var alone = engine.generate(List.of(prompts.get(n)), new long[] {seeds[n]}, options);
      assertArrayEquals(together.get(n), alone.answers().getFirst(), "prompt " + n);
    }
  }

  @Test
  void severalAnswersToOnePromptAreThoseOfEachAlone() {
    long[] five = {5};
    long[] padAndFive = {0, 5}; // which looks like the first, padded
    long[] other = {7, 3, 9, 4};
    var prompts = List.of(five, other, padAndFive, five, padAndFive, other, five);
    assertArrayEquals(
        new long[] {0, 1, 2, 0, 2, 1, 0}, PaddedPrompts.of(prompts, 0).distinct().of());
    var seeds = seeds(prompts, 3);
    var options = new RolloutOptions(25, 2, 0, PLAIN, 3);
    var engine = new RolloutEngine(decoder, DType.FLOAT32);
    var together = engine.generate(prompts, seeds, options);
    for (int n = 0; n < seeds.length; n++) {
      var alone = engine.generate(List.of(prompts.get(n)), new long[] {seeds[n]}, options);
      assertArrayEquals(together.answers().get(n), alone.answers().getFirst(), "row " + n);
    }
    var again = together.logProbsUnder(decoder, together.forward(decoder), PLAIN.temperature());
    var ratio = again.detach().sub(together.fullLogProbs()).mul(together.mask());
    assertEquals(0, ratio.abs().max().item(), 1e-4);
  }

  @Test
  void penaltyKeepsTokensFromComingAgain() {
    var sampling = new Sampling(0, 0, 1, 0, 1e9);
    var options = new RolloutOptions(10, VOCAB + 1, 0, sampling);
    var prompts = prompts(5);
    var answers = generate(prompts, options).answers();
    for (int n = 0; n < prompts.size(); n++) {
      var seen = new HashSet<Long>();
      for (long id : prompts.get(n)) seen.add(id);
      for (long id : answers.get(n)) assertTrue(seen.add(id), "answer " + n + " repeats " + id);
    }
  }

  @Test
  void dropoutIsOffMeanwhileAndOnAfterwards() {
    decoder.close();
    decoder = sharp(ModelConfig.minimind2(VOCAB, 32, 2, 4, 2, 0, 64, 1e6, null, 0.3));
    decoder.training(true);
    var rollout = generate(prompts(8), PLAIN, 4);
    assertTrue(decoder.training());
    decoder.training(false);
    var again = rollout.logProbsUnder(decoder, rollout.forward(decoder), 1.2).detach();
    var ratio = again.sub(rollout.fullLogProbs()).mul(rollout.mask());
    assertEquals(0, ratio.abs().max().item(), 1e-4);
  }

  @Test
  void bfloat16AnswersAreNearThoseOfFloat32() {
    var options = new RolloutOptions(12, 2, 0, PLAIN, 2);
    var engine = new RolloutEngine(decoder, DType.BFLOAT16);
    var rollout = engine.generate(prompts(16), seeds(prompts(16), 77), options);
    var again = rollout.logProbsUnder(decoder, rollout.forward(decoder), 1.2).detach();
    var difference = again.sub(rollout.fullLogProbs()).mul(rollout.mask()).abs();
    double mean = difference.sum().item() / rollout.mask().sum().item();
    assertTrue(mean > 0 && mean < 0.1, "log-probabilities differ by " + mean + " on average");
  }

  @Test
  void answersEndAtTheLongestSequence() {
    var prompt = new long[60];
    Arrays.fill(prompt, 3);
    var options = new RolloutOptions(25, VOCAB + 1, 0, PLAIN);
    assertEquals(4, generate(List.of(prompt), options).responseWidth());
    var e =
        assertThrows(
            ModelConfigException.class,
            () -> generate(List.of(Arrays.copyOf(prompt, 64)), options));
    assertTrue(e.getMessage().contains("64 tokens leaves no room"), e.getMessage());
    e =
        assertThrows(
            ModelConfigException.class, () -> generate(List.of(prompt, new long[0]), options));
    assertEquals("prompt 2 of 2 is empty", e.getMessage());
    assertThrows(ModelConfigException.class, () -> generate(List.of(), options));
  }

  @Test
  void nothingLeaks() {
    try (var inner = TensorScope.open()) {
      generate(prompts(2), PLAIN, 2); // the decoder's own table of rotations
    }
    long before = Tensor.liveCount();
    try (var inner = TensorScope.open()) {
      generate(prompts(8), new Sampling(0.8, 9, 0.9, 0.02, 1.3), 2);
      assertEquals(before + 5, Tensor.liveCount());
    }
    assertEquals(before, Tensor.liveCount());
  }
}
