package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Ix;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** The decoders against MiniMind's own logits, losses and gradients. */
class GoldenModelTest {
  private static final float LOGITS = 1e-4f;
  private static final double LOSS = 1e-4;
  private static final double GRADIENT = 1e-3;

  private TensorScope scope;

  static Stream<String> cases() {
    return Stream.of("minimind2", "minimind3")
        .flatMap(g -> Stream.of("dense", "dense_yarn", "moe").map(c -> g + "/model_" + c));
  }

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsAndLossAreMiniMinds(String name) {
    var golden = new GoldenCase(name);
    try (var decoder = golden.decoder();
        var no = NoGrad.enter()) {
      var hidden = decoder.hidden(golden.ids("input_ids"));
      var logits = decoder.logits(hidden); // [B, T, V]
      assertClose(golden, "eval_logits_row0", logits.select(0, 0));
      assertClose(golden, "eval_logits_last", logits.select(1, -1));
      assertEquals(golden.at("eval_loss").doubleValue(), meanLoss(golden, decoder, hidden), LOSS);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsWithACacheAreMiniMinds(String name) {
    var golden = new GoldenCase(name);
    try (var decoder = golden.decoder();
        var no = NoGrad.enter();
        var cache = new KvCache(decoder.config(), 3, 17, DType.FLOAT32, Device.CPU)) {
      var ids = golden.ids("input_ids");
      var steps = new ArrayList<Tensor>();
      decoder.hidden(ids.narrow(1, 0, 9), null, cache);
      for (int t = 9; t < 17; t++) {
        var hidden = decoder.hidden(ids.narrow(1, t, 1), null, cache);
        steps.add(decoder.logits(hidden).select(1, 0));
      }
      var expected = GoldenCase.floats(golden.at("cached_logits_9_16"));
      int width = expected.length / steps.size();
      for (int i = 0; i < steps.size(); i++) {
        var row = Arrays.copyOfRange(expected, i * width, (i + 1) * width);
        assertArrayEquals(row, steps.get(i).toFloatArray(), LOGITS, "step " + i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsBehindLeftPaddingAreMiniMinds(String name) {
    var golden = new GoldenCase(name);
    try (var decoder = golden.decoder();
        var no = NoGrad.enter()) {
      var mask = golden.ids("attention_mask"); // [B, T]
      var padding = mask.eq(0).sum(1, true); // [B, 1]
      var firstKey = padding.expand(mask.shape()).contiguous(); // [B, T]
      var hidden = decoder.hidden(golden.ids("input_ids"), firstKey, null);
      assertClose(golden, "masked_logits_last", decoder.logits(hidden).select(1, -1));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAreMiniMinds(String name) {
    var golden = new GoldenCase(name);
    try (var decoder = golden.decoder().training(true)) {
      var pass = decoder.forward(golden.ids("input_ids"), null, null);
      var labels = golden.ids("labels");
      var loss = decoder.lossSum(pass.hidden(), labels, null).div(counted(labels));
      assertEquals(golden.at("train_loss").doubleValue(), loss.item(), LOSS);
      double aux = golden.at("train_aux_loss").doubleValue();
      assertEquals(aux, pass.auxLoss() == null ? 0 : pass.auxLoss().item(), aux * 1e-5);
      if (pass.auxLoss() != null) loss = loss.add(pass.auxLoss());
      loss.backward();
      golden.gradients().forEach((key, pair) -> assertGradient(decoder, key, pair));
      assertEquals(golden.gradients().keySet(), decoder.parameters().keySet());
      decoder.parameters().values().forEach(p -> p.grad(null));
    }
  }

  private static void assertGradient(Decoder decoder, String key, JsonNode pair) {
    var gradient = decoder.parameters().get(key).grad().to(DType.FLOAT64);
    double norm = pair.get(0).doubleValue();
    assertEquals(norm, gradient.norm().item(), GRADIENT * norm + 1e-7, key + " norm");
    // A sum's error is that of its terms: measured against the norm, not against what is left.
    double slack = GRADIENT * norm * Math.sqrt(gradient.numel()) + 1e-6;
    assertEquals(pair.get(1).doubleValue(), gradient.sum().item(), slack, key + " sum");
  }

  @ParameterizedTest
  @ValueSource(strings = {"minimind2", "minimind3"})
  void yarnReachesFarPositionsAsMiniMindDoes(String generation) {
    var golden = new GoldenCase(generation + "/model_dense_yarn");
    try (var decoder = golden.decoder();
        var no = NoGrad.enter()) {
      var hidden = decoder.hidden(golden.ids("long_ids"));
      assertClose(golden, "long_logits_last", decoder.logits(hidden).select(1, -1));
    }
  }

  private static double meanLoss(GoldenCase golden, Decoder decoder, Tensor hidden) {
    var labels = golden.ids("labels");
    return decoder.lossSum(hidden, labels, null).item() / counted(labels);
  }

  private static double counted(Tensor labels) {
    return labels.get(Ix.all(), Ix.from(1)).ne(-100).sum().item();
  }

  private static void assertClose(GoldenCase golden, String key, Tensor actual) {
    assertArrayEquals(GoldenCase.floats(golden.at(key)), actual.toFloatArray(), LOGITS, key);
  }
}
