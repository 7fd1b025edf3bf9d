package org.panamind.host.launch;

import java.util.Map;
import java.util.Optional;
import org.panamind.stage.ConfigException;

/**
 * The place of this process among the ranks, as whoever started it has stated in the environment.
 *
 * @param rank its number, from 0
 * @param world how many there are
 * @param localRank its number on this machine: which GPU is its
 * @param localWorld how many there are on this machine
 * @param masterAddr machine of the store
 * @param masterPort the store's port; 0 for any free one, with one rank only
 * @param agentStore whether the store runs in torchrun's agent rather than in rank 0
 * @param attempt how often the ranks were started before
 * @param runId the same for all attempts, empty when nobody gave one
 * @param source whose variables these are, for messages
 */
public record RankEnvironment(
    int rank,
    int world,
    int localRank,
    int localWorld,
    String masterAddr,
    int masterPort,
    boolean agentStore,
    int attempt,
    String runId,
    String source) {
  private static final String LOOPBACK = "127.0.0.1";

  /** Where torch's own launchers listen. */
  private static final int USUAL_PORT = 29500;

  /** Checks that the numbers belong together. */
  public RankEnvironment {
    if (world < 1 || rank >= world || localWorld < 1 || localRank >= localWorld) {
      throw new ConfigException(
          "%s's variables say rank %d of %d, on this machine %d of %d; ranks count from 0"
              .formatted(source, rank, world, localRank, localWorld));
    }
  }

  /**
   * Reads torchrun's variables (which our own launcher sets too, and PyTorchJob in part).
   *
   * @return empty when this process is no rank of theirs
   */
  static Optional<RankEnvironment> ofTorchrun(Map<String, String> env) {
    if (!env.containsKey("RANK") || !env.containsKey("WORLD_SIZE")) return Optional.empty();
    int world = EnvironmentNumber.of(env, "WORLD_SIZE");
    boolean single = world == 1 && !env.containsKey("MASTER_ADDR");
    if (!single && !env.containsKey("MASTER_ADDR")) {
      throw new ConfigException(
          "RANK and WORLD_SIZE are set in the environment, but MASTER_ADDR is not; unset them to"
              + " train alone, or start the ranks by torchrun or --nproc");
    }
    int localRank = EnvironmentNumber.of(env, "LOCAL_RANK", 0);
    return Optional.of(
        new RankEnvironment(
            EnvironmentNumber.of(env, "RANK"),
            world,
            localRank,
            EnvironmentNumber.of(env, "LOCAL_WORLD_SIZE", localRank + 1),
            env.getOrDefault("MASTER_ADDR", LOOPBACK),
            single ? 0 : EnvironmentNumber.of(env, "MASTER_PORT"),
            env.getOrDefault("TORCHELASTIC_USE_AGENT_STORE", "").equalsIgnoreCase("true"),
            EnvironmentNumber.of(env, "TORCHELASTIC_RESTART_COUNT", 0),
            env.getOrDefault("TORCHELASTIC_RUN_ID", ""),
            "torchrun"));
  }

  /** Reads the variables of Slurm's srun; a batch script itself is no rank. */
  static Optional<RankEnvironment> ofSlurm(Map<String, String> env) {
    boolean script =
        "BATCH".equals(env.get("ENVIRONMENT")) && !env.containsKey("SLURM_STEP_NUM_TASKS");
    int tasks = EnvironmentNumber.of(env, "SLURM_NTASKS", 1);
    int world = EnvironmentNumber.of(env, "SLURM_STEP_NUM_TASKS", tasks);
    if (script || world == 1 || !env.containsKey("SLURM_PROCID")) return Optional.empty();
    int localRank = EnvironmentNumber.of(env, "SLURM_LOCALID", 0);
    String nodes = env.getOrDefault("SLURM_STEP_NODELIST", env.get("SLURM_JOB_NODELIST"));
    String master = nodes == null ? LOOPBACK : firstNode(nodes);
    int job = EnvironmentNumber.of(env, "SLURM_JOB_ID", 0);
    return Optional.of(
        new RankEnvironment(
            EnvironmentNumber.of(env, "SLURM_PROCID"),
            world,
            localRank,
            Math.max(localRank + 1, tasksHere(env)),
            env.getOrDefault("MASTER_ADDR", master),
            // Jobs that share a machine must not share a port.
            EnvironmentNumber.of(env, "MASTER_PORT", 20000 + job % 20000),
            false,
            EnvironmentNumber.of(env, "SLURM_RESTART_COUNT", 0),
            env.getOrDefault("SLURM_JOB_ID", ""),
            "Slurm"));
  }

  /** Such as {@code 4(x2),3}: of the machines with 4, 4 and 3 tasks; the first will do. */
  private static int tasksHere(Map<String, String> env) {
    String counts =
        env.getOrDefault(
            "SLURM_STEP_TASKS_PER_NODE", env.getOrDefault("SLURM_TASKS_PER_NODE", "1"));
    String first = counts.split("[(,]", 2)[0];
    return first.matches("\\d{1,6}") ? Integer.parseInt(first) : 1;
  }

  /** The first of a list such as {@code gpu[003-007,9],login}. */
  static String firstNode(String nodes) {
    int bracket = nodes.indexOf('[');
    int comma = nodes.indexOf(',');
    if (bracket < 0 || (comma >= 0 && comma < bracket)) {
      return comma < 0 ? nodes : nodes.substring(0, comma);
    }
    String rest = nodes.substring(bracket + 1);
    int close = rest.indexOf(']');
    String suffix = close < 0 ? "" : rest.substring(close + 1).split(",", 2)[0];
    return nodes.substring(0, bracket) + rest.split("[-,\\]]", 2)[0] + suffix;
  }

  /** Reads the variables of Open MPI's mpirun. */
  static Optional<RankEnvironment> ofOpenMpi(Map<String, String> env) {
    int world = EnvironmentNumber.of(env, "OMPI_COMM_WORLD_SIZE", 1);
    if (world == 1 || !env.containsKey("OMPI_COMM_WORLD_RANK")) return Optional.empty();
    int localRank = EnvironmentNumber.of(env, "OMPI_COMM_WORLD_LOCAL_RANK", 0);
    int localWorld = EnvironmentNumber.of(env, "OMPI_COMM_WORLD_LOCAL_SIZE", localRank + 1);
    if (localWorld < world && !env.containsKey("MASTER_ADDR")) {
      throw new ConfigException(
          "mpirun started ranks on several machines, but MASTER_ADDR is not set; give them the name"
              + " of rank 0's: mpirun -x MASTER_ADDR=NAME");
    }
    return Optional.of(
        new RankEnvironment(
            EnvironmentNumber.of(env, "OMPI_COMM_WORLD_RANK"),
            world,
            localRank,
            localWorld,
            env.getOrDefault("MASTER_ADDR", LOOPBACK),
            EnvironmentNumber.of(env, "MASTER_PORT", USUAL_PORT),
            false,
            0,
            "",
            "Open MPI"));
  }
}
