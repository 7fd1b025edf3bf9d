package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessGroupTest {
  private static final Duration SECONDS = Duration.ofSeconds(10);

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void collectivesGiveWhatTheyMust(int size) throws Exception {
    RankJvms.run(size, "collectives").allSucceeded();
  }

  @Test
  void deadRankFailsTheOthersAtOnce() throws Exception {
    var ranks = RankJvms.run(3, "die");
    assertEquals(RankFaults.EXIT_CODE, ranks.runs().get(1).exitCode());
    for (int rank : new int[] {0, 2}) {
      assertEquals(0, ranks.runs().get(rank).exitCode(), ranks.runs().get(rank).output());
      var message = ranks.value(rank, "message");
      assertTrue(message.startsWith("all_reduce of 400 bytes (collective 2 of rank "), message);
      assertTrue(message.contains("of rank " + rank + " of 3 over gloo) failed after"), message);
      assertTrue(message.contains("time-out 30.0 s"), message);
      assertTrue(ranks.number(rank, "milliseconds") < 5000, message);
    }
  }

  @Test
  void hangingRankFailsTheOthersAfterTheTimeOut() throws Exception {
    var ranks = RankJvms.run(2, "hang").allSucceeded();
    double milliseconds = ranks.number(0, "milliseconds");
    assertTrue(milliseconds >= 1500 && milliseconds < 4000, "after " + milliseconds + " ms");
    var message = ranks.value(0, "message");
    assertTrue(message.contains("all_reduce of 400 bytes (collective 2 of rank 0"), message);
    assertTrue(message.contains("time-out 2.0 s"), message);
    assertEquals(
        "all_reduce of 400 bytes (collective 2 of rank 0 of 2 over gloo)",
        ranks.value(0, "inFlight"));
  }

  @Test
  void rankKilledInTheMidstFailsTheOthersAtOnce() throws Exception {
    var ranks = RankJvms.run(3, "dieSignalled", "KILL");
    for (int rank : new int[] {0, 2}) {
      assertEquals(0, ranks.runs().get(rank).exitCode(), ranks.runs().get(rank).output());
      var message = ranks.value(rank, "message");
      assertTrue(message.startsWith("all_reduce of 4000000 bytes (collective "), message);
      assertTrue(ranks.number(rank, "milliseconds") < 5000, message);
    }
  }

  @Test
  void rankStoppedInTheMidstFailsTheOthersAfterTheTimeOut() throws Exception {
    var ranks = RankJvms.run(2, "hangSignalled", "STOP");
    assertEquals(0, ranks.runs().get(0).exitCode(), ranks.runs().get(0).output());
    double milliseconds = ranks.number(0, "milliseconds");
    assertTrue(milliseconds >= 1500 && milliseconds < 4000, "after " + milliseconds + " ms");
  }

  @Test
  void collectiveOfAnotherSizeEndsTheRankThatGetsTooMuchWithAWord() throws Exception {
    var ranks = RankJvms.run(2, "dieOfAnotherSize");
    assertEquals(75, ranks.runs().get(0).exitCode(), ranks.runs().get(0).output());
    var message = ranks.runs().get(0).output();
    assertTrue(message.contains("error: all_reduce of 4000 bytes (collective 1 of"), message);
    assertTrue(message.contains("with another size"), message);
    assertEquals(0, ranks.runs().get(1).exitCode(), ranks.runs().get(1).output());
    assertTrue(ranks.value(1, "message").startsWith("all_reduce of 8000 bytes"));
  }

  @Test
  void skippedCollectiveFailsBothRanksAfterTheTimeOut() throws Exception {
    var ranks = RankJvms.run(2, "hangSkipped").allSucceeded();
    assertTrue(ranks.value(0, "message").startsWith("all_reduce of 4000 bytes"));
    assertTrue(ranks.value(1, "message").startsWith("broadcast of 4000 bytes"));
    for (int rank = 0; rank < 2; rank++) assertTrue(ranks.number(rank, "milliseconds") < 4000);
  }

  @Test
  void groupOfOneRankNeedsNoOthers() {
    try (var scope = TensorScope.open();
        var store = Store.serve("127.0.0.1", 0, SECONDS);
        var group = ProcessGroup.open(store, Backend.GLOO, 0, 1, SECONDS)) {
      var tensor = Tensor.of(new float[] {1, 2});
      group.allReduce(tensor, Reduction.SUM);
      group.barrier();
      assertArrayEquals(new float[] {1, 2}, tensor.toFloatArray());
      assertArrayEquals(
          new float[] {1, 2}, group.reduceScatter(tensor, Reduction.MAX).toFloatArray());
      assertEquals("0 1 GLOO", group.rank() + " " + group.size() + " " + group.backend());
      group.close();
      assertTrue(group.inFlight().isEmpty());
      assertThrows(IllegalStateException.class, group::barrier);
    }
  }

  @Test
  void missingRankIsReportedAfterTheTimeOut() {
    try (var store = Store.serve("127.0.0.1", 0, Duration.ofSeconds(1))) {
      var timeout = Duration.ofSeconds(1);
      var failure =
          assertThrows(
              DistributedException.class,
              () -> ProcessGroup.open(store, Backend.GLOO, 0, 2, timeout));
      assertTrue(
          failure
              .getMessage()
              .startsWith("rank 0 could not join the group of 2 over gloo, time-out 1.0 s: "),
          failure.getMessage());
    }
  }

  @Test
  void wrongRankAndMissingBackendAreRefused() {
    try (var store = Store.serve("127.0.0.1", 0, SECONDS)) {
      var refused =
          assertThrows(
              TorchException.class, () -> ProcessGroup.open(store, Backend.GLOO, 2, 2, SECONDS));
      assertEquals("rank 2 of a group of 2", refused.getMessage());
      assertTrue(Backend.GLOO.isAvailable());
      if (Backend.NCCL.isAvailable()) return;
      refused =
          assertThrows(
              TorchException.class, () -> ProcessGroup.open(store, Backend.NCCL, 0, 1, SECONDS));
      assertTrue(refused.getMessage().contains("built without NCCL"), refused.getMessage());
      assertFalse(refused instanceof DistributedException);
    }
  }
}
