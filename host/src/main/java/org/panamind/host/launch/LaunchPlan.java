package org.panamind.host.launch;

import java.util.Map;
import java.util.function.IntSupplier;
import org.panamind.stage.ConfigException;

/** What this process is to be when several train together. */
public sealed interface LaunchPlan {
  /** The only process. */
  record Alone() implements LaunchPlan {}

  /**
   * One of the ranks, which somebody else has started.
   *
   * @param place which one
   */
  record Join(RankEnvironment place) implements LaunchPlan {}

  /**
   * The one that starts this machine's ranks.
   *
   * @param processes ranks on this machine
   * @param nodes machines
   * @param node number of this one
   * @param masterAddr machine of rank 0
   * @param masterPort port there; 0 for a free one, with one machine only
   * @param maxRestarts how often failed ranks are started again
   */
  record Spawn(
      int processes, int nodes, int node, String masterAddr, int masterPort, int maxRestarts)
      implements LaunchPlan {
    int world() {
      return processes * nodes;
    }
  }

  /**
   * Decides. A rank that torchrun or our launcher has started is told so by its environment and
   * carries their flags along, so the environment comes first; then flags, {@code PET_*}, Slurm's
   * variables, Open MPI's.
   *
   * @param devices how many GPUs the stage may use here, asked for {@code --nproc auto} only
   * @throws ConfigException if flags or variables contradict each other
   */
  static LaunchPlan of(LaunchOptions flags, Map<String, String> environment, IntSupplier devices) {
    var rank = RankEnvironment.ofTorchrun(environment);
    if (rank.isPresent()) return new Join(rank.get());
    var options = flags.orFrom(environment);
    if (options.nproc() != null || options.nnodes() != null) return spawn(options, devices);
    return RankEnvironment.ofSlurm(environment)
        .or(() -> RankEnvironment.ofOpenMpi(environment))
        .<LaunchPlan>map(Join::new)
        .orElseGet(Alone::new);
  }

  private static LaunchPlan spawn(LaunchOptions options, IntSupplier devices) {
    int nodes = options.nnodes() == null ? 1 : options.nnodes();
    if (nodes > 1) {
      require(options.nodeRank() != null, "--node_rank, the number of this machine,");
      require(options.masterAddr() != null, "--master_addr, the name of machine 0,");
      require(options.masterPort() != null, "--master_port, the same free port for all machines,");
    }
    String nproc = options.nproc() == null ? "auto" : options.nproc();
    int processes =
        nproc.equals("auto") ? Math.max(1, devices.getAsInt()) : Integer.parseInt(nproc);
    return new Spawn(
        processes,
        nodes,
        options.nodeRank() == null ? 0 : options.nodeRank(),
        options.masterAddr() == null ? "127.0.0.1" : options.masterAddr(),
        options.masterPort() == null ? 0 : options.masterPort(),
        options.maxRestarts());
  }

  private static void require(boolean given, String what) {
    if (!given)
      throw new ConfigException("with several machines (--nnodes) " + what + " is needed");
  }
}
