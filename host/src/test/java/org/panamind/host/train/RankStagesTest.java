package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.panamind.host.HostCall;

/**
 * Stages beside pretraining, of which {@link RankTrainingTest} shows more: several ranks are one.
 * {@code -Drank.stages=sft,lora,...} takes others than those of every build.
 */
class RankStagesTest {
  @TempDir Path folder;

  static Stream<String> stages() {
    return Arrays.stream(System.getProperty("rank.stages", "dpo,grpo").split(","));
  }

  @ParameterizedTest
  @MethodSource("stages")
  void twoAndThreeRanksTrainAsOneAndOneGoesOnFromTwo(String stage) throws Exception {
    var runs = new RankRuns(SmallStages.in(folder, stage));
    HostCall alone = runs.alone("one");
    assertEquals(0, alone.code(), alone.err());
    // Lest nothing be compared with nothing.
    long moved = runs.files().rows("one").stream().filter(RankStagesTest::moves).count();
    assertTrue(moved > RankRuns.UPDATES / 2, () -> stage + " learns nothing: " + alone.err());
    runs.ends("two", runs.start("two", 2), 0);
    runs.assertClose("one", "two");
    runs.ends("three", runs.start("three", 3, "--zero", "1"), 0);
    runs.assertClose("one", "three");
    runs.stopAtHalf("two");
    HostCall on = runs.alone("two", "--from_resume", "1");
    assertEquals(0, on.code(), on.err());
    runs.assertClose("one", "two");
  }

  private static boolean moves(String row) {
    return row.contains("grad_norm=") && !row.contains("grad_norm=0.0 ");
  }

  @ParameterizedTest
  @MethodSource("stages")
  void withoutTheReductionRanksAreFoundToDiffer(String stage) throws Exception {
    var runs = new RankRuns(SmallStages.in(folder, stage));
    runs.ends("apart", runs.start("apart", 2, "--fault", "no_reduce@step=1"), 75);
    String log = runs.log("apart");
    assertTrue(log.contains("in step 11: parameters differ from those of rank 0: "), log);
  }
}
