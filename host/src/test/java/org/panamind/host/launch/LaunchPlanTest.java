package org.panamind.host.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.ConfigSchema;

class LaunchPlanTest {
  private static final int GPUS = 4;

  @Test
  void trainsAloneWhenNobodySaysOtherwise() {
    assertEquals(new LaunchPlan.Alone(), plan(Map.of(), Map.of()));
    assertEquals(
        new LaunchPlan.Alone(), plan(Map.of(), Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "1")));
  }

  @Test
  void startsAsManyRanksAsTheFlagSays() {
    assertEquals(
        new LaunchPlan.Spawn(3, 1, 0, "127.0.0.1", 0, 2),
        plan(Map.of("nproc", "3", "max_restarts", "2"), Map.of()));
    assertEquals(
        new LaunchPlan.Spawn(GPUS, 1, 0, "127.0.0.1", 0, 0),
        plan(Map.of("nproc", "auto"), Map.of()));
  }

  @Test
  void readsTorchrunsOwnFlagsFromTheEnvironmentBelowOurs() {
    Map<String, String> kubeflow =
        Map.of(
            "PET_NNODES", "2",
            "PET_NPROC_PER_NODE", "gpu",
            "PET_NODE_RANK", "1",
            "PET_MASTER_ADDR", "trainer-0",
            "PET_MASTER_PORT", "29400",
            "PET_MAX_RESTARTS", "3");
    assertEquals(new LaunchPlan.Spawn(GPUS, 2, 1, "trainer-0", 29400, 3), plan(Map.of(), kubeflow));
    assertEquals(
        new LaunchPlan.Spawn(8, 2, 1, "trainer-0", 29400, 3), plan(Map.of("nproc", "8"), kubeflow));
  }

  @Test
  void torchrunsPlaceComesBeforeFlagsSinceRanksInheritThem() {
    Map<String, String> env =
        Map.of(
            "RANK", "3",
            "WORLD_SIZE", "4",
            "LOCAL_RANK", "1",
            "LOCAL_WORLD_SIZE", "2",
            "MASTER_ADDR", "a",
            "MASTER_PORT", "1234",
            "TORCHELASTIC_USE_AGENT_STORE", "True",
            "TORCHELASTIC_RESTART_COUNT", "2",
            "TORCHELASTIC_RUN_ID", "x",
            "SLURM_PROCID", "0");
    var join = assertInstanceOf(LaunchPlan.Join.class, plan(Map.of("nproc", "2"), env));
    assertEquals(
        new RankEnvironment(3, 4, 1, 2, "a", 1234, true, 2, "x", "torchrun"), join.place());
  }

  @Test
  void readsSlurmsAndOpenMpisPlaces() {
    Map<String, String> slurm =
        Map.of(
            "SLURM_PROCID", "5",
            "SLURM_NTASKS", "8",
            "SLURM_LOCALID", "1",
            "SLURM_TASKS_PER_NODE", "4(x2)",
            "SLURM_JOB_NODELIST", "gpu[003-004]",
            "SLURM_JOB_ID", "123456",
            "OMPI_COMM_WORLD_RANK", "9",
            "OMPI_COMM_WORLD_SIZE", "10");
    var join = assertInstanceOf(LaunchPlan.Join.class, plan(Map.of(), slurm));
    assertEquals(
        new RankEnvironment(5, 8, 1, 4, "gpu003", 23456, false, 0, "123456", "Slurm"),
        join.place());
    Map<String, String> mpi =
        Map.of(
            "OMPI_COMM_WORLD_RANK", "1",
            "OMPI_COMM_WORLD_SIZE", "2",
            "OMPI_COMM_WORLD_LOCAL_RANK", "1",
            "OMPI_COMM_WORLD_LOCAL_SIZE", "2");
    join = assertInstanceOf(LaunchPlan.Join.class, plan(Map.of(), mpi));
    assertEquals(
        new RankEnvironment(1, 2, 1, 2, "127.0.0.1", 29500, false, 0, "", "Open MPI"),
        join.place());
  }

  @Test
  void aBatchScriptIsNoRankOfItsJob() {
    Map<String, String> script =
        Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "8", "ENVIRONMENT", "BATCH");
    assertEquals(new LaunchPlan.Alone(), plan(Map.of(), script));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "gpu[003-007,9],login ~ gpu003",
        "gpu9 ~ gpu9",
        "a,b[1-2] ~ a",
        "n[1,5]-ib ~ n1-ib",
      })
  void findsTheFirstNodeOfAList(String list, String first) {
    assertEquals(first, RankEnvironment.firstNode(list));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "nnodes=2 ~ ~ with several machines (--nnodes) --node_rank",
        "nproc=0 ~ ~ --nproc is 0, must be auto or a number of processes",
        "zero=2 ~ ~ --zero is 2, must be from 0 to 1",
        "collective_timeout=0 ~ ~ --collective_timeout is 0",
        "nproc=2 ~ RANK=0 WORLD_SIZE=2 ~ MASTER_ADDR is not",
        "nproc=2 ~ RANK=2 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1 ~ say rank 2 of 2",
        "nproc=2 ~ RANK=0 WORLD_SIZE=two ~ WORLD_SIZE is \"two\", must be a number",
        "zero=0 ~ OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_SIZE=2"
            + " ~ MASTER_ADDR is not set",
      })
  void refusesWhatDoesNotFitTogether(String flags, String env, String message) {
    var refused = assertThrows(ConfigException.class, () -> plan(pairs(flags), pairs(env)));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  private static Map<String, String> pairs(String text) {
    if (text == null) return Map.of();
    return Arrays.stream(text.split(" "))
        .collect(Collectors.toMap(p -> p.split("=")[0], p -> p.split("=")[1]));
  }

  private static LaunchPlan plan(Map<String, String> flags, Map<String, String> environment) {
    var options = ConfigSchema.of(LaunchOptions.class).build(flags);
    return LaunchPlan.of(options, environment, () -> GPUS);
  }
}
