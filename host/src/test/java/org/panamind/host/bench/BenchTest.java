package org.panamind.host.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.panamind.host.HostCall;

class BenchTest {
  private static final Pattern RATE = Pattern.compile("([\\d.,]+) tokens/s");
  private static final Pattern MEMORY = Pattern.compile("([\\d.,]+) MiB");

  private static HostCall bench(String section, String... more) {
    var words = new ArrayList<>(List.of("bench", "--sections", section, "--rounds", "1"));
    words.addAll(List.of("--hidden_size", "32", "--num_hidden_layers", "1"));
    words.addAll(List.of(more));
    return HostCall.of(words.toArray(String[]::new));
  }

  private static List<Double> figures(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> Double.parseDouble(found.group(1).replace(",", "")))
        .toList();
  }

  @Test
  void measuresCallsStepsDecodingAndTheReductionOfGradients() {
    HostCall bench =
        HostCall.of(
            "bench",
            "--sections=calls,train,decode,reduction",
            "--batch_size=1",
            "--seq_len=4",
            "--rounds=1",
            "--new_tokens=2");
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

  @Test
  void ratesRolloutsOfEachBatchSizeBesideALoopWithoutACache() {
    var call = bench("rollout", "--rollout_tokens", "4");
    assertEquals(0, call.code(), call.err());
    assertEquals(
        List.of("1", "8", "32"),
        Pattern.compile("rollout, batch (\\d+)")
            .matcher(call.out())
            .results()
            .map(found -> found.group(1))
            .toList(),
        call.out());
    var rates = figures(RATE, call.out());
    assertEquals(6, rates.size(), call.out());
    assertTrue(rates.stream().allMatch(rate -> rate > 0), call.out());
  }

  @Test
  void needsLessMemoryForAGrpoStepThanWholeLogitsTake() {
    var call = bench("memory", "--answers", "4", "--answer_tokens", "512");
    assertEquals(0, call.code(), call.err());
    var mebibytes = figures(MEMORY, call.out());
    assertEquals(4, mebibytes.size(), call.out());
    double logits = 4 * 512 * 6400 * 4 / (double) (1 << 20);
    assertTrue(mebibytes.get(0) > 0 && mebibytes.get(0) < mebibytes.get(1), call.out());
    assertTrue(mebibytes.get(2) > 0 && mebibytes.get(2) < 2 * logits, call.out());
    assertTrue(mebibytes.get(3) > 2 * logits, call.out());
  }

  @Test
  void refusesAnUnknownSection() {
    var call = bench("rolout");
    assertEquals(64, call.code());
    assertEquals(
        "error: --sections is rolout, must be some of"
            + " calls,train,decode,rollout,memory,reduction\n",
        call.err());
  }
}
