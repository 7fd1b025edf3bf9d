package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientReducerTest {
  /** Without the reduction the very same comparison finds a difference, so it can fail. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void gradientsOfSeveralRanksAreThoseOfOneProcess(int size) throws Exception {
    var ranks = RankJvms.run(size, "reducer").allSucceeded();
    for (int rank = 0; rank < size; rank++) {
      assertEquals(0, ranks.number(rank, "reduced"), 1e-6);
      assertTrue(ranks.number(rank, "local") > 1e-4, "local gradients are " + ranks.runs());
      assertEquals(ranks.value(0, "hash"), ranks.value(rank, "hash"));
    }
  }

  @Test
  void deadRankFailsTheBackwardOfTheOthers() throws Exception {
    var ranks = RankJvms.run(2, "dieInBackward");
    assertEquals(0, ranks.runs().get(0).exitCode(), ranks.runs().get(0).output());
    assertTrue(ranks.number(0, "milliseconds") < 5000);
    var message = ranks.value(0, "message");
    assertTrue(message.startsWith("all_reduce of gradient bucket 0 of 400 bytes"), message);
    assertTrue(message.contains("of rank 0 of 2 over gloo) failed after"), message);
  }

  /** c10d's Reducer then sends a list of its own, and waits for that first. */
  @Test
  void deadRankFailsABackwardThatMayLeaveParametersOut() throws Exception {
    var ranks = RankJvms.run(2, "dieInBackwardOfSome");
    assertEquals(0, ranks.runs().get(0).exitCode(), ranks.runs().get(0).output());
    assertTrue(ranks.number(0, "milliseconds") < 5000);
    var message = ranks.value(0, "message");
    assertTrue(message.startsWith("all_reduce of "), message);
    assertTrue(message.contains("of rank 0 of 2 over gloo"), message);
  }
}
