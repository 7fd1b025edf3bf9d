package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gradients of several ranks against those of one process that sees the whole batch. */
final class RankReducer {
  private static final int BATCH = 12;
  private static final int WIDTH = 16;

  /** Small, so that this small model has several buckets. */
  private static final GradientReducer.Settings SMALL_BUCKETS =
      new GradientReducer.Settings(256, 1200, true, false);

  private RankReducer() {}

  static void run(ProcessGroup group) {
    long before = Tensor.liveCount();
    try (var scope = TensorScope.open()) {
      trainsLikeOneProcess(group);
      accumulatesWithoutReducing(group);
      sums(group);
      servesGraphsThatLeaveParametersOut(group);
      saysWhenAParameterWasLeftOut(group);
      refusesWhatIsNoParameter(group);
    }
    assertEquals(before, Tensor.liveCount());
  }

  /** A small perceptron, the same on every rank and in every call. */
  private static Map<String, Tensor> model() {
    Generators.seed(7);
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (int layer = 0; layer < 3; layer++) {
      parameters.put("weight" + layer, random(WIDTH, WIDTH).requiresGrad(true));
      parameters.put("bias" + layer, random(WIDTH).requiresGrad(true));
    }
    return parameters;
  }

  private static Tensor random(long... shape) {
    try (var no = NoGrad.enter()) {
      return Torch.randn(DType.FLOAT32, Device.CPU, shape).mul(0.3);
    }
  }

  /** Mean over rows [from, from + count) of one fixed batch. */
  private static Tensor loss(Map<String, Tensor> parameters, int from, int count) {
    Generators.seed(11);
    Tensor x = random(BATCH, WIDTH).narrow(0, from, count);
    for (int layer = 0; layer < 3; layer++) {
      x = Nn.linear(x, parameters.get("weight" + layer), parameters.get("bias" + layer)).tanh();
    }
    return x.mul(x).mean();
  }

  private static double largestDifference(Map<String, Tensor> a, Map<String, Tensor> b) {
    double largest = 0;
    for (var name : a.keySet()) {
      double difference = a.get(name).grad().sub(b.get(name).grad()).abs().max().item();
      largest = Math.max(largest, difference);
    }
    return largest;
  }

  private static void requireEqualGradients(ProcessGroup group, Map<String, Tensor> parameters) {
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> gradients.put(name, parameter.grad()));
    SharedParameters.requireEqual(group, gradients);
  }

  private static void step(Map<String, Tensor> parameters) {
    try (var no = NoGrad.enter()) {
      for (var parameter : parameters.values()) parameter.add_(parameter.grad(), -0.5);
    }
    Gradients.clear(parameters.values());
  }

  /** Several steps, because buckets are sorted anew at the second. */
  private static void trainsLikeOneProcess(ProcessGroup group) {
    var whole = model();
    var shared = model();
    int rows = BATCH / group.size();
    double reduced = 0;
    double local = 0;
    try (var reducer = GradientReducer.open(group, shared.values(), SMALL_BUCKETS)) {
      assertEquals(0, reducer.figures().buckets());
      for (int step = 0; step < 5; step++) {
        loss(whole, 0, BATCH).backward();
        reducer.backward(loss(shared, group.rank() * rows, rows), false);
        local = Math.max(local, largestDifference(whole, shared));
        Gradients.clear(shared.values());

        reducer.backward(loss(shared, group.rank() * rows, rows), true);
        reduced = Math.max(reduced, largestDifference(whole, shared));
        requireEqualGradients(group, shared);
        checkFigures(reducer.figures());
        step(whole);
        step(shared);
      }
    }
    SharedParameters.requireEqual(group, shared);
    RankMain.print("reduced", reduced);
    RankMain.print("local", local);
    RankMain.print("hash", List.of(SharedParameters.hashes(shared.values())[0]));
  }

  private static void checkFigures(GradientReducer.Figures figures) {
    assertTrue(figures.buckets() > 1, figures.toString());
    assertEquals(4L * 3 * (WIDTH * WIDTH + WIDTH), figures.bytes());
    assertTrue(figures.reducing().toNanos() > 0, figures.toString());
    assertTrue(figures.backward().toNanos() > 0, figures.toString());
    double hidden = figures.hiddenShare();
    assertTrue(hidden >= 0 && hidden <= 1, figures.toString());
  }

  /** Two micro-batches a rank, of which only the second reduces, what both have collected. */
  private static void accumulatesWithoutReducing(ProcessGroup group) {
    var whole = model();
    var shared = model();
    int rows = BATCH / group.size() / 2;
    int from = group.rank() * rows * 2;
    try (var reducer = GradientReducer.open(group, shared.values(), SMALL_BUCKETS)) {
      for (int step = 0; step < 3; step++) {
        loss(whole, 0, BATCH).backward();
        reducer.backward(loss(shared, from, rows).mul(0.5), false);
        var first = shared.get("weight0").grad().copy();
        assertThrows(DistributedException.class, () -> requireEqualGradients(group, shared));
        reducer.backward(loss(shared, from + rows, rows).mul(0.5), true);
        assertTrue(first.sub(shared.get("weight0").grad()).abs().max().item() > 1e-4);
        assertEquals(0, largestDifference(whole, shared), 1e-6);
        requireEqualGradients(group, shared);
        step(whole);
        step(shared);
      }
    }
  }

  /** Losses that are weighted beforehand are summed; what was drawn is the same. */
  private static void sums(ProcessGroup group) {
    var whole = model();
    var shared = model();
    int rows = BATCH / group.size();
    loss(whole, 0, BATCH).backward();
    try (var reducer = GradientReducer.open(group, shared.values(), SMALL_BUCKETS.withSum())) {
      var part = loss(shared, group.rank() * rows, rows).mul((double) rows / BATCH);
      reducer.backward(part, true);
    }
    assertEquals(0, largestDifference(whole, shared), 1e-6);
  }

  private static void servesGraphsThatLeaveParametersOut(ProcessGroup group) {
    var a = Torch.ones(3).requiresGrad(true);
    var b = Torch.ones(3).requiresGrad(true);
    var never = Torch.ones(3).requiresGrad(true);
    var settings = new GradientReducer.Settings(1, 1, true, true);
    try (var reducer = GradientReducer.open(group, List.of(a, b, never), settings)) {
      for (int step = 0; step < 3; step++) {
        // Rank 0 uses one, the others the other one.
        var used = group.rank() == 0 ? a : b;
        reducer.backward(used.mul(group.size()).sum(), true);
        assertArrayEquals(new float[] {1, 1, 1}, a.grad().toFloatArray());
        int others = group.size() - 1;
        assertArrayEquals(new float[] {others, others, others}, b.grad().toFloatArray());
        assertTrue(never.grad() == null);
        Gradients.clear(List.of(a, b));
      }
    }
  }

  private static void saysWhenAParameterWasLeftOut(ProcessGroup group) {
    var used = Torch.ones(3).requiresGrad(true);
    var unused = Torch.ones(3).requiresGrad(true);
    var parameters = new ArrayList<>(List.of(used, unused));
    try (var reducer = GradientReducer.open(group, parameters, SMALL_BUCKETS)) {
      reducer.backward(used.sum(), true);
      var refused =
          assertThrows(DistributedException.class, () -> reducer.backward(used.sum(), true));
      assertTrue(refused.getMessage().contains("finished reduction"), refused.getMessage());
    }
  }

  private static void refusesWhatIsNoParameter(ProcessGroup group) {
    var constant = List.of(Torch.ones(3));
    var refused =
        assertThrows(
            TorchException.class, () -> GradientReducer.open(group, constant, SMALL_BUCKETS));
    assertTrue(refused.getMessage().contains("parameter 0"), refused.getMessage());
  }
}
