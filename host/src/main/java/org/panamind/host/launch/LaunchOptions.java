package org.panamind.host.launch;

import java.util.Map;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;

/**
 * The host's flags of every stage that trains: how many processes train together, and what becomes
 * of them when one fails.
 *
 * @param nproc ranks on this machine, a number or {@code auto} for one a GPU; null where not given
 * @param nnodes machines, or null where not given
 * @param nodeRank number of this machine, or null where not given
 * @param masterAddr name of machine 0, or null where not given
 * @param masterPort port of rank 0's store there, or null where not given
 * @param maxRestarts how often failed ranks are started again
 * @param collectiveTimeout how long a collective may take
 * @param zero 1 shards the optimizer's state over the ranks
 * @param fault faults on purpose, or null
 */
public record LaunchOptions(
    @Option(help = "processes that train together on this machine; auto: one a GPU", group = GROUP)
        String nproc,
    @Option(help = "machines that train together, each with as many processes", group = GROUP)
        Integer nnodes,
    @Option(help = "number of this machine, from 0", group = GROUP) Integer nodeRank,
    @Option(help = "host name or address of machine 0", group = GROUP) String masterAddr,
    @Option(help = "port on machine 0 by which the processes find each other", group = GROUP)
        Integer masterPort,
    @Option(
            help = "times that failed processes are started again, from the last checkpoint",
            group = GROUP)
        int maxRestarts,
    @Option(
            help = "longest time of a collective, then the run ends with exit code 75",
            unit = "seconds",
            group = GROUP)
        int collectiveTimeout,
    @Option(help = "1 shards the optimizer's state over the processes (ZeRO-1)", group = GROUP)
        int zero,
    @Option(
            help =
                "faults on purpose, for tests: nan, inf, spike, nan_gradient, kill, stop, exit,"
                    + " kill_save, full_disk or no_reduce, as in nan@step=7,rank=1; several with ;",
            group = GROUP)
        String fault) {
  /** The heading of these flags in the help. */
  private static final String GROUP = "Ranks";

  private static final int DEFAULT_TIMEOUT = 600;

  /** One process, unless the environment says otherwise. */
  public static final LaunchOptions DEFAULT =
      new LaunchOptions(null, null, null, null, null, 0, DEFAULT_TIMEOUT, 0, null);

  /** Checks the bounds. */
  public LaunchOptions {
    Bounds.require(
        nproc == null || nproc.matches("auto|[1-9]\\d{0,3}"),
        "nproc",
        nproc,
        "must be auto or a number of processes");
    if (nnodes != null) Bounds.between("nnodes", nnodes, 1, 9999);
    if (nodeRank != null) Bounds.between("node_rank", nodeRank, 0, nnodes == null ? 0 : nnodes - 1);
    if (masterPort != null) Bounds.between("master_port", masterPort, 1, 65535);
    Bounds.between("max_restarts", maxRestarts, 0, 1000);
    Bounds.between("collective_timeout", collectiveTimeout, 1, 1_000_000);
    Bounds.between("zero", zero, 0, 1);
  }

  /**
   * Fills what no flag gave from {@code PET_*}, torchrun's names for its own flags, which Kubeflow
   * sets.
   *
   * @throws ConfigException if one of them has no value of its kind
   */
  LaunchOptions orFrom(Map<String, String> environment) {
    return new LaunchOptions(
        nproc != null ? nproc : processes(environment.get("PET_NPROC_PER_NODE")),
        nnodes != null ? nnodes : number(environment, "PET_NNODES"),
        nodeRank != null ? nodeRank : number(environment, "PET_NODE_RANK"),
        masterAddr != null ? masterAddr : environment.get("PET_MASTER_ADDR"),
        masterPort != null ? masterPort : number(environment, "PET_MASTER_PORT"),
        maxRestarts != 0 || !environment.containsKey("PET_MAX_RESTARTS")
            ? maxRestarts
            : number(environment, "PET_MAX_RESTARTS"),
        collectiveTimeout,
        zero,
        fault);
  }

  /** torchrun also says gpu, and cpu for one process. */
  private static String processes(String text) {
    if (text == null) return null;
    return switch (text) {
      case "gpu" -> "auto";
      case "cpu" -> "1";
      default -> text;
    };
  }

  private static Integer number(Map<String, String> environment, String name) {
    return environment.containsKey(name) ? EnvironmentNumber.of(environment, name) : null;
  }
}
