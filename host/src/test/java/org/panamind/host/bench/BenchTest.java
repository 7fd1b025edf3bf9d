package org.panamind.host.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.panamind.host.HostCall;

class BenchTest {
  @Test
  void measuresCallsStepsDecodingAndTheReductionOfGradients() {
    HostCall bench =
        HostCall.of(
            "bench", "--batch_size", "1", "--seq_len", "4", "--rounds", "1", "--new_tokens", "2");
    assertEquals(0, bench.code(), bench.err());
    String out = bench.out();
    assertTrue(out.contains("one-element add: "), out);
    assertTrue(out.contains("training step, 26M parameters, B=1 T=4: "), out);
    assertTrue(out.contains("decoding, batch 1, 2 tokens behind 16: "), out);
    String reduction =
        "(?s).*\\[0\\] reduction of gradients between 2 processes: 103 MB in \\d+ buckets take \\d+"
            + " ms, of which \\d+ % are hidden behind a backward of \\d+ ms\n.*";
    assertTrue(out.matches(reduction), out);
  }
}
