package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.model.Experts.Balance;
import org.panamind.model.Experts.Renormalise;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Routed tokens against a plain loop over tokens, and what reaches the router. */
class MixtureOfExpertsTest {
  private static final ModelConfig SMALL =
      ModelConfig.minimind3(50, 32, 2, 4, 2, 0, 0, 64, 1e6, null, 0);

  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    Generators.seed(21);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Projection projection(long out, long in) {
    return new Projection(Torch.randn(DType.FLOAT32, Device.CPU, out, in));
  }

  private static List<SwiGlu> experts(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new SwiGlu(projection(6, 4), projection(6, 4), projection(4, 6), false))
        .toList();
  }

  private static Forward context(boolean training) {
    return new Forward(null, null, null, null, training, 0, new ArrayList<>());
  }

  @ParameterizedTest
  @CsvSource({
    "5, 1, 0, NEVER",
    "5, 1, 1, ABOVE_ONE",
    "5, 1, 0, ALWAYS",
    "5, 2, 1, ABOVE_ONE",
    "5, 5, 2, NEVER"
  })
  void eachTokenGetsItsLikeliestExperts(int count, int perToken, int shared, Renormalise rule) {
    var config = new Experts(count, perToken, shared, 6, rule, Balance.PER_BATCH, 0.01);
    var moe = new MixtureOfExperts(config, projection(count, 4), experts(count), experts(shared));
    var x = Torch.randn(DType.FLOAT32, Device.CPU, 2, 3, 4);
    for (boolean training : new boolean[] {false, true}) {
      var actual = moe.apply(x, context(training));
      assertArrayEquals(new long[] {2, 3, 4}, actual.shape());
      for (int b = 0; b < 2; b++) {
        for (int t = 0; t < 3; t++) {
          var token = x.select(0, b).select(0, t).unsqueeze(0);
          var expected = alone(moe, token).toFloatArray();
          assertArrayEquals(
              expected, actual.select(0, b).select(0, t).toFloatArray(), 1e-4f, b + ", " + t);
        }
      }
    }
  }

  /** One token [1, C] through its experts, by the definition. */
  private static Tensor alone(MixtureOfExperts moe, Tensor token) {
    double[] scores = moe.gate().apply(token).softmax(-1).toDoubleArray();
    var ranked =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(e -> -scores[e]))
            .limit(moe.config().perToken())
            .toList();
    double sum = ranked.stream().mapToDouble(e -> scores[e]).sum();
    boolean toOne =
        moe.config().renormalise() == Renormalise.ALWAYS
            || moe.config().renormalise() == Renormalise.ABOVE_ONE && ranked.size() > 1;
    var y = Torch.zerosLike(token);
    for (int e : ranked) {
      var answer = moe.experts().get(e).apply(token, context(false));
      y = y.add(answer.mul(toOne ? scores[e] / sum : scores[e]));
    }
    for (var expert : moe.shared()) y = y.add(expert.apply(token, context(false)));
    return y;
  }

  @Test
  void routerLearnsFromTheLossUnlessMiniMindsFormIsAsked() {
    assertTrue(routerGradient(Experts.MINIMIND3) > 1e-4);
    assertTrue(routerGradient(Experts.MINIMIND2) > 1e-4);
    assertEquals(0, routerGradient(Experts.MINIMIND3.with(Renormalise.ALWAYS)), 1e-7);
  }

  private static double routerGradient(Experts experts) {
    try (var decoder = Decoder.random(SMALL.with(experts), Device.CPU).training(true);
        var inner = TensorScope.open()) {
      var ids = Torch.randint(0, 50, Device.CPU, 2, 9);
      decoder.lossSum(decoder.hidden(ids), ids, null).backward();
      double norm = decoder.parameters().get("model.layers.0.mlp.gate.weight").grad().norm().item();
      decoder.parameters().values().forEach(p -> p.grad(null));
      return norm;
    }
  }

  @Test
  void evenLoadHasTheLeastBalanceLoss() {
    var experts = new Experts(4, 1, 0, 0, Renormalise.NEVER, Balance.PER_BATCH, 0.5);
    try (var decoder = Decoder.random(SMALL.with(experts), Device.CPU).training(true)) {
      var ids = Torch.randint(0, 50, Device.CPU, 4, 16);
      // Each layer's loss is weight * E * sum share * score: 1 when even, up to E when one expert
      // gets all.
      double loss = decoder.forward(ids, null, null).auxLoss().item() / 2 / 0.5;
      assertTrue(loss > 0.9 && loss < 4, "loss " + loss);
      assertNull(decoder.training(false).forward(ids, null, null).auxLoss());
    }
  }

  @Test
  void expertWithoutTokensGetsAGradientOfZeros() {
    try (var decoder = Decoder.random(SMALL.with(Experts.MINIMIND3), Device.CPU).training(true)) {
      var one = Tensor.of(new long[] {7, 8}, 1, 2);
      decoder.lossSum(decoder.hidden(one), one, null).backward();
      int zeros = 0;
      for (var entry : decoder.parameters().entrySet()) {
        var gradient = entry.getValue().grad();
        assertTrue(gradient != null, entry.getKey() + " has no gradient");
        if (gradient.norm().item() == 0) zeros++;
        entry.getValue().grad(null);
      }
      // Two tokens reach at most 2 of 4 experts a layer, of 3 weights each.
      assertTrue(zeros >= 2 * 2 * 3, zeros + " gradients are zero");
    }
  }

  @Test
  void cachedAndWholeSequencesAgree() {
    try (var no = NoGrad.enter();
        var decoder = Decoder.random(SMALL.with(Experts.MINIMIND2), Device.CPU);
        var cache = new KvCache(decoder.config(), 2, 12, DType.FLOAT32, Device.CPU)) {
      var ids = Torch.randint(0, 50, Device.CPU, 2, 12);
      var whole = decoder.hidden(ids).select(1, -1).toFloatArray();
      decoder.hidden(ids.narrow(1, 0, 11), null, cache);
      var last = decoder.hidden(ids.narrow(1, 11, 1), null, cache);
      assertArrayEquals(whole, last.select(1, 0).toFloatArray(), 1e-5f);
    }
  }

  @Test
  void boundsNameTheFlag() {
    var e =
        assertThrows(
            ModelConfigException.class,
            () -> new Experts(4, 5, 0, 0, Renormalise.NEVER, Balance.PER_BATCH, 0));
    assertEquals("--num_experts_per_tok is 5, must be 1 to --num_experts 4", e.getMessage());
  }
}
