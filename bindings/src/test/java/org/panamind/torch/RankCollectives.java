package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every collective against what it must give, as seen by one rank. */
final class RankCollectives {
  private final ProcessGroup group;
  private final int rank;
  private final int size;

  private RankCollectives(ProcessGroup group) {
    this.group = group;
    this.rank = group.rank();
    this.size = group.size();
  }

  static void run(Store store, ProcessGroup group) {
    var checks = new RankCollectives(group);
    long before = Tensor.liveCount();
    try (var scope = TensorScope.open()) {
      checks.allReduce();
      checks.otherTypes();
      checks.broadcast();
      checks.allGather();
      checks.reduceScatter();
      checks.several();
      checks.sharedParameters();
      checks.refusals();
    }
    assertEquals(before, Tensor.liveCount());
    checks.store(store);
  }

  /** Element i of rank r is r + i, so the sum is known. */
  private Tensor mine(DType type, long elements) {
    return Torch.arange(rank, rank + elements, Device.CPU).to(type);
  }

  private float[] expected(Reduction reduction, int elements) {
    var values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] =
          switch (reduction) {
            case SUM -> size * i + size * (size - 1) / 2f;
            case MAX -> size - 1 + i;
            case MIN -> i;
          };
    }
    return values;
  }

  private void allReduce() {
    for (var reduction : Reduction.values()) {
      for (int elements : new int[] {1, 7, 1000}) {
        var tensor = mine(DType.FLOAT32, elements);
        assertTrue(tensor == group.allReduce(tensor, reduction));
        assertArrayEquals(expected(reduction, elements), tensor.toFloatArray(), reduction.name());
      }
    }
    assertEquals(0, group.allReduce(Torch.zeros(0), Reduction.SUM).numel());
  }

  /** Also those that Gloo does not know. */
  private void otherTypes() {
    for (var type :
        new DType[] {
          DType.BFLOAT16, DType.FLOAT16, DType.FLOAT64, DType.INT64, DType.INT32, DType.INT16
        }) {
      var sum = group.allReduce(mine(type, 9), Reduction.SUM);
      assertEquals(type, sum.dtype());
      assertArrayEquals(expected(Reduction.SUM, 9), sum.toFloatArray(), type.name());
      var parts = group.allGather(mine(type, 3));
      assertArrayEquals(new float[] {1, 2, 3}, parts[1].toFloatArray(), type.name());
    }
    var any = group.allReduce(Tensor.of(new boolean[] {rank == 0, false}), Reduction.MAX);
    assertArrayEquals(new long[] {1, 0}, any.toLongArray());
  }

  private void broadcast() {
    for (int root = 0; root < size; root++) {
      var tensor = mine(DType.FLOAT32, 5);
      group.broadcast(tensor, root);
      assertArrayEquals(
          new float[] {root, root + 1, root + 2, root + 3, root + 4}, tensor.toFloatArray());
    }
    // Parameters are leaves that collect gradients: no obstacle.
    var weight = Tensor.of(new float[] {rank, 1}).requiresGrad(true);
    group.broadcast(weight, size - 1);
    assertArrayEquals(new float[] {size - 1, 1}, weight.toFloatArray());
  }

  private void allGather() {
    var parts = group.allGather(mine(DType.FLOAT32, 6).view(2, 3));
    assertEquals(size, parts.length);
    for (int r = 0; r < size; r++) {
      assertArrayEquals(new long[] {2, 3}, parts[r].shape());
      assertArrayEquals(
          new float[] {r, r + 1, r + 2, r + 3, r + 4, r + 5}, parts[r].toFloatArray());
    }
  }

  private void reduceScatter() {
    var input = mine(DType.FLOAT32, 4L * size).view(2L * size, 2);
    var before = input.toFloatArray();
    var part = group.reduceScatter(input, Reduction.SUM);
    assertArrayEquals(new long[] {2, 2}, part.shape());
    var all = expected(Reduction.SUM, 4 * size);
    for (int i = 0; i < 4; i++) assertEquals(all[4 * rank + i], part.toFloatArray()[i]);
    assertArrayEquals(before, input.toFloatArray(), "the input stays as it was");
    var odd = Torch.zeros(size * 2L + 1);
    assertThrows(IllegalArgumentException.class, () -> group.reduceScatter(odd, Reduction.SUM));
  }

  /** Several under way at once, waited for in another order. */
  private void several() {
    var a = mine(DType.FLOAT32, 100_000);
    var b = mine(DType.FLOAT32, 10);
    try (var first = group.startAllReduce(a, Reduction.SUM);
        var second = group.startAllReduce(b, Reduction.MAX)) {
      second.await(Duration.ofSeconds(20));
      first.await();
      assertTrue(first.isCompleted() && second.isCompleted());
      first.await(); // once more does no harm
    }
    assertEquals(expected(Reduction.SUM, 100)[99], a.toFloatArray()[99]);
    assertArrayEquals(expected(Reduction.MAX, 10), b.toFloatArray());
    assertTrue(group.inFlight().isEmpty());
  }

  private void sharedParameters() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("weight", mine(DType.FLOAT32, 50));
    parameters.put("bias", mine(DType.BFLOAT16, 3));
    var differ =
        assertThrows(
            DistributedException.class, () -> SharedParameters.requireEqual(group, parameters));
    assertTrue(differ.getMessage().contains("weight on rank 1"), differ.getMessage());
    SharedParameters.broadcast(group, parameters.values(), 0);
    SharedParameters.requireEqual(group, parameters);
    // A single bit, on the last rank alone, and all ranks see it.
    if (rank == size - 1) {
      parameters.put("weight", parameters.get("weight").copy());
      float[] values = parameters.get("weight").toFloatArray();
      values[49] = Math.nextUp(values[49]);
      parameters.put("weight", Tensor.of(values));
    }
    differ =
        assertThrows(
            DistributedException.class, () -> SharedParameters.requireEqual(group, parameters));
    assertEquals(
        "parameters differ from those of rank 0: weight on rank " + (size - 1),
        differ.getMessage());
    if (rank == 0) parameters.put("more", mine(DType.FLOAT32, 1));
    differ =
        assertThrows(
            DistributedException.class, () -> SharedParameters.requireEqual(group, parameters));
    assertTrue(differ.getMessage().contains("2 and 3 tensors"), differ.getMessage());
  }

  /** Mistakes that all ranks make alike are found before anything is sent. */
  private void refusals() {
    var matrix = Torch.zeros(3, 4).transpose(0, 1);
    var refused = assertThrows(TorchException.class, () -> group.allReduce(matrix, Reduction.SUM));
    assertTrue(refused.getMessage().contains("not contiguous"), refused.getMessage());
    var two = Torch.zeros(2);
    refused = assertThrows(TorchException.class, () -> group.broadcast(two, size));
    assertTrue(refused.getMessage().contains("root " + size), refused.getMessage());
    refused = assertThrows(TorchException.class, () -> group.startAllGather(two, two));
    assertTrue(refused.getMessage().contains("all_gather of 2 elements"), refused.getMessage());
  }

  private void store(Store store) {
    store.set("from-" + rank, "rank " + rank);
    for (int r = 0; r < size; r++) assertEquals("rank " + r, store.getText("from-" + r));
    store.add("arrived", 1);
    group.barrier();
    assertEquals(size, store.add("arrived", 0));
  }
}
