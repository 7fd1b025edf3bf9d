package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The optimizer against torch's own, and its state. */
@ExtendWith(ScopePerTest.class)
class AdamWTest {
  private static final double[] START = {0.5, -1, 2, 0, -0.25, 3};
  private static final AdamW.Settings SETTINGS = new AdamW.Settings(0.9, 0.95, 1e-8, 0.1);

  /** A line of adamw.csv, whose head says how it was made. */
  private record Step(DType type, double learningRate, double[] gradient, double[] after) {
    static List<Step> of(DType type) throws IOException {
      try (var in = AdamWTest.class.getResourceAsStream("adamw.csv")) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith(type.torchName() + ","))
            .map(line -> parse(type, line.split(",")))
            .toList();
      }
    }

    private static Step parse(DType type, String[] cells) {
      var numbers = Arrays.stream(cells).skip(2).mapToDouble(Double::parseDouble).toArray();
      return new Step(
          type, numbers[0], Arrays.copyOfRange(numbers, 1, 7), Arrays.copyOfRange(numbers, 7, 13));
    }
  }

  private static Tensor parameter(DType type, double... values) {
    return Tensor.of(values).to(type).requiresGrad(true);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 1e-6", "FLOAT64, 1e-13"})
  void tenStepsAreTorchs(DType type, double tolerance) throws IOException {
    var weights = parameter(type, START);
    var steps = Step.of(type);
    assertEquals(10, steps.size());
    try (var optimizer = new AdamW(Map.of("weights", weights), SETTINGS)) {
      for (var step : steps) {
        weights.grad(Tensor.of(step.gradient).to(type));
        optimizer.step(step.learningRate, 1);
        assertArrayEquals(step.after, weights.toDoubleArray(), tolerance);
      }
      assertEquals(10, optimizer.stepCount());
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "FLOAT64"})
  void gradScaleMultipliesGradientsOnTheWayIn(DType type) throws IOException {
    var scaled = parameter(type, START);
    var plain = parameter(type, START);
    try (var one = new AdamW(Map.of("weights", scaled), SETTINGS);
        var other = new AdamW(Map.of("weights", plain), SETTINGS)) {
      for (var step : Step.of(type)) {
        var gradient = Tensor.of(step.gradient).to(type);
        scaled.grad(gradient.mul(4));
        plain.grad(gradient);
        one.step(step.learningRate, 0.25);
        other.step(step.learningRate, 1);
        assertTrue(scaled.grad().equalTo(gradient.mul(4)), "the gradient itself stays");
      }
      assertTrue(scaled.equalTo(plain));
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "FLOAT64", "BFLOAT16"})
  void restoredStateGoesOnBitForBit(DType type) throws IOException {
    var first = parameter(type, START);
    try (var optimizer = new AdamW(Map.of("weights", first), SETTINGS)) {
      run(optimizer, first, 0, 5);
      var second = first.detach().copy().requiresGrad(true);
      Map<String, Tensor> state = new HashMap<>();
      optimizer.state().forEach((name, tensor) -> state.put(name, tensor.copy()));
      long steps = optimizer.stepCount();
      run(optimizer, first, 5, 10);
      try (var resumed = new AdamW(Map.of("weights", second), SETTINGS)) {
        resumed.restore(state, steps);
        run(resumed, second, 5, 10);
        assertTrue(first.equalTo(second));
        optimizer.state().forEach((name, t) -> assertTrue(t.equalTo(resumed.state().get(name))));
        assertEquals(10, resumed.stepCount());
      }
    }
  }

  private static void run(AdamW optimizer, Tensor weights, int from, int to) throws IOException {
    for (var step : Step.of(DType.FLOAT64).subList(from, to)) {
      weights.grad(Tensor.of(step.gradient).to(weights.dtype()));
      optimizer.step(step.learningRate, 1);
    }
  }

  @Test
  void stateThatDoesNotFitChangesNothing() {
    var weights = parameter(DType.FLOAT32, START);
    try (var optimizer = new AdamW(Map.of("w", weights), SETTINGS)) {
      Map<String, Tensor> state = new LinkedHashMap<>();
      state.put("exp_avg.w", Torch.ones(6));
      var missing = assertThrows(IllegalArgumentException.class, () -> optimizer.restore(state, 3));
      assertEquals("optimizer state lacks [exp_avg_sq.w]", missing.getMessage());
      state.put("exp_avg_sq.w", Torch.ones(1));
      var shape = assertThrows(TorchException.class, () -> optimizer.restore(state, 3));
      assertEquals("optimizer state exp_avg_sq.w is [1], its parameter [6]", shape.getMessage());
      assertEquals(0, optimizer.state().get("exp_avg.w").sum().item());
      assertEquals(0, optimizer.stepCount());
    }
  }

  @Test
  void parametersWithoutGradientAreLeftAlone() {
    var used = parameter(DType.FLOAT32, 1, 2);
    var unused = parameter(DType.FLOAT32, 3, 4);
    try (var optimizer = new AdamW(Map.of("used", used, "unused", unused), SETTINGS)) {
      used.sum().backward();
      optimizer.step(0.1, 1);
      assertArrayEquals(new float[] {3, 4}, unused.toFloatArray());
      assertEquals(0, optimizer.state().get("exp_avg.unused").abs().sum().item());
      assertTrue(used.select(0, 0).item() < 1);
      assertNull(unused.grad());
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "FLOAT64"})
  void aGradientOfAnotherShapeIsRefusedBeforeItIsRead(DType type) {
    var weights = parameter(type, START);
    try (var optimizer = new AdamW(Map.of("w", weights), SETTINGS)) {
      weights.grad(Torch.ones(6).to(type));
      Torch.op("aten::resize_").run(weights.grad(), new long[] {2});
      var error = assertThrows(TorchException.class, () -> optimizer.step(0.1, 1));
      assertTrue(error.getMessage().contains("the gradient is [2]"), error.getMessage());
      assertEquals(0, optimizer.stepCount());
      assertArrayEquals(START, weights.toDoubleArray());
    }
  }

  @Test
  void tiedWeightsAreUpdatedOnce() {
    var weights = parameter(DType.FLOAT32, 1, 2);
    Map<String, Tensor> names = new LinkedHashMap<>();
    names.put("embedding", weights);
    names.put("head", weights);
    names.put("again", weights.share());
    try (var optimizer = new AdamW(names, SETTINGS)) {
      assertEquals(1, optimizer.parameters().size());
      assertEquals(
          List.of("exp_avg.embedding", "exp_avg_sq.embedding"),
          List.copyOf(optimizer.state().keySet()));
    }
  }

  @Test
  void settingsOutOfBoundsAreNamed() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> new AdamW.Settings(0.9, 1, 1e-8, 0.1));
    assertEquals("beta2 is 1.0, must be in [0, 1)", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Settings(-0.1, 0.9, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Settings(0.9, 0.9, Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, () -> new AdamW.Settings(0.9, 0.9, 0, -1));
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "FLOAT64", "BFLOAT16"})
  void normIsThatOfAllGradientsTogether(DType type) {
    var a = Torch.zeros(100_000).to(type).requiresGrad(true);
    var b = Torch.zeros(3, 2).to(type).requiresGrad(true);
    var without = Torch.zeros(5).requiresGrad(true);
    assertEquals(0, Gradients.norm(List.of(without), 1));
    a.grad(Torch.rand(DType.FLOAT32, Device.CPU, 100_000).to(type));
    b.grad(Torch.full(-2, type, Device.CPU, 2, 3).t());
    double expected = 0;
    for (var parameter : List.of(a, b)) {
      for (double g : parameter.grad().toDoubleArray()) expected += g * g;
    }
    var all = List.of(a, without, b);
    assertEquals(Math.sqrt(expected), Gradients.norm(all, 1), 1e-9);
    assertEquals(Math.sqrt(expected) * 3, Gradients.norm(all, -3), 1e-9);
    Gradients.scale(all, 0.5);
    assertEquals(-1, b.grad().min().item());
    assertEquals(Math.sqrt(expected) / 2, Gradients.norm(all, 1), 1e-2);
  }

  @ParameterizedTest
  @CsvSource({"NaN", "Infinity", "-Infinity"})
  void normShowsWhatIsNotFinite(float bad) {
    for (var type : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      var a = Torch.zeros(40_000).to(type).requiresGrad(true);
      var gradient = Torch.zeros(40_000);
      gradient.select(0, 39_999).fill_(bad);
      a.grad(gradient.to(type));
      assertFalse(Double.isFinite(Gradients.norm(List.of(a), 1)), type.torchName());
    }
  }

  @Test
  void aNormBeyondFloatIsStillFinite() {
    var a = Torch.zeros(4).requiresGrad(true);
    a.grad(Torch.full(3e38, DType.FLOAT32, Device.CPU, 4));
    assertEquals(6e38, Gradients.norm(List.of(a), 1), 1e32);
  }
}
