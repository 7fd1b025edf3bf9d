package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.host.HostCall;

/** Several ranks are one, whatever their number, and whatever happens to them on the way. */
class RankTrainingTest {
  @TempDir static Path folder;
  private static RankRuns runs;

  @BeforeAll
  static void trainOnOneAndOnTwoRanks() throws Exception {
    runs = new RankRuns(folder);
    HostCall alone = runs.alone("one");
    assertEquals(0, alone.code(), alone.err());
    runs.ends("two", runs.start("two", 2), 0);
  }

  @Test
  void twoRanksTrainAsOne() throws Exception {
    runs.assertClose("one", "two");
  }

  @Test
  void threeRanksOfWhichTwoRunEmptyTrainAsOneWithTheirOptimizerSharded() throws Exception {
    runs.ends("three", runs.start("three", 3, "--zero", "1"), 0);
    runs.assertClose("one", "three");
    // What a sharded run saved, a single rank takes up.
    runs.stopAtHalf("three");
    HostCall on = runs.alone("three", "--from_resume", "1");
    assertEquals(0, on.code(), on.err());
    runs.assertClose("one", "three");
  }

  @Test
  void aRunOfOneRankGoesOnWithThreeShardedOnes() throws Exception {
    assertEquals(0, runs.alone("grows").code());
    runs.stopAtHalf("grows");
    runs.ends("grows", runs.start("grows", 3, "--zero", "1", "--from_resume", "1"), 0);
    runs.assertClose("one", "grows");
  }

  @Test
  void aRunOfTwoRanksGoesOnWithOneAndWithThree() throws Exception {
    for (String run : List.of("shrinks", "widens")) {
      runs.ends(run, runs.start(run, 2, "--zero", "1"), 0);
      runs.stopAtHalf(run);
    }
    HostCall on = runs.alone("shrinks", "--from_resume", "1");
    assertEquals(0, on.code(), on.err());
    runs.assertClose("one", "shrinks");
    runs.ends("widens", runs.start("widens", 3, "--from_resume", "1"), 0);
    runs.assertClose("one", "widens");
  }

  @Test
  void aConfigFileTellsHowManyRanksThereAre() throws Exception {
    var given = "{\"nproc\": 2, \"zero\": 1, \"batch_size\": 15}";
    var file = Files.writeString(folder.resolve("two.json"), given);
    runs.ends("file", runs.startRank("file", 2, Map.of(), "--config", file.toString()), 0);
    runs.assertSame("two", "file");
    // What is printed can be given again; a flag stands above it.
    HostCall dry = runs.alone("dry", "--config", file.toString(), "--zero", "0", "--dry_run");
    assertTrue(dry.out().contains("\"nproc\" : \"2\""), dry.out());
    assertTrue(dry.out().contains("\"zero\" : 0"), dry.out());
    var printed = Files.writeString(folder.resolve("printed.json"), dry.out());
    HostCall again = runs.alone("dry", "--config", printed.toString(), "--dry_run");
    assertEquals(dry.out(), again.out());
    Files.writeString(file, "{\"nprocs\": \"2\"}");
    HostCall wrong = runs.alone("dry", "--config", file.toString());
    assertEquals(64, wrong.code());
    assertTrue(wrong.err().contains("unknown key \"nprocs\"; did you mean nproc?"), wrong.err());
  }

  @Test
  void anotherBatchOverAllRanksIsRefused() throws Exception {
    assertEquals(0, runs.alone("batch").code());
    var process = runs.start("batch", 2, "--from_resume", "1", "--batch_size", "30");
    runs.ends("batch", process, 64);
    assertTrue(
        runs.log("batch")
            .contains(
                "--batch_size was 30 on each of 1 ranks, now is 30 on each of 2; together it must"
                    + " stay 30"),
        runs.log("batch"));
  }

  @Test
  void withoutTheReductionRanksAreFoundToDiffer() throws Exception {
    var process = runs.start("apart", 2, "--fault", "no_reduce@step=1");
    runs.ends("apart", process, 75);
    String log = runs.log("apart");
    assertTrue(log.contains("in step 11: parameters differ from those of rank 0: "), log);
  }

  @Test
  void ranksThatAreStartedAgainAfterAKillEndAsIfNothingHadHappened() throws Exception {
    var process = runs.start("killed", 2, "--max_restarts", "2", "--fault", "kill@step=14,rank=1");
    runs.ends("killed", process, 0);
    String log = runs.log("killed");
    assertTrue(log.contains(") was ended by SIGKILL"), log);
    assertTrue(log.contains(" in step 14\nlauncher: starting the ranks again, 1 of 2"), log);
    assertTrue(log.contains("step-10, step 10 of 20"), log);
    runs.assertSame("two", "killed");
  }

  @Test
  void aKillInTheMidstOfASaveLeavesTheCheckpointBefore() throws Exception {
    var process = runs.start("torn", 2, "--max_restarts", "1", "--fault", "kill_save@step=20");
    runs.ends("torn", process, 0);
    assertTrue(runs.log("torn").contains("step-10, step 10 of 20"), runs.log("torn"));
    runs.assertSame("two", "torn");
  }

  @Test
  void aFullDiskOfTheFirstRankEndsNoneBeforeTheFailuresAllowedAreUsedUp() throws Exception {
    runs.ends("full", runs.start("full", 2, "--fault", "full_disk@step=10"), 0);
    assertTrue(runs.log("full").contains("Training goes on: 1 of 3 failed"), runs.log("full"));
    runs.assertSame("two", "full");
    var faults = "full_disk@step=10;full_disk@step=15";
    String[] flags = {"--save_interval", "5", "--save_failures", "2", "--fault", faults};
    runs.ends("fuller", runs.start("fuller", 2, flags), 74);
    String log = runs.log("fuller");
    assertTrue(log.contains("[0] error: cannot write "), log);
    assertTrue(log.contains("step-5 is intact.\n"), log);
  }

  @Test
  void allRanksSkipTheUpdateThatOneMadeNotANumberAndEndAfterThree() throws Exception {
    var faults = "nan@step=3,rank=1;nan_gradient@step=5,rank=1;inf@step=6,rank=1;nan@step=7,rank=1";
    runs.ends("nan", runs.start("nan", 2, "--fault", faults, "--save_interval", "1"), 77);
    String log = runs.log("nan");
    assertTrue(log.contains("step 3: the loss is not finite; the update is skipped"), log);
    assertTrue(log.contains("step 5: the gradient is not finite; the update is skipped"), log);
    assertTrue(log.contains("not finite in 3 updates in a row, the last at step 7"), log);
  }
}
