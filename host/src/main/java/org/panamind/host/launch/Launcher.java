package org.panamind.host.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.panamind.host.ExitCode;
import org.panamind.host.console.Terminal;

/**
 * Starts this machine's ranks, a virtual machine each, with torchrun's variables; ends all when one
 * fails, and starts them again as often as asked. Ranks that are started again go on from the last
 * checkpoint.
 */
public final class Launcher {
  private final LaunchPlan.Spawn plan;
  private final List<String> arguments;
  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private final String runId = UUID.randomUUID().toString();
  private final Object outputLock = new Object();
  private volatile RankGroup group;

  /**
   * A launcher for one command.
   *
   * @param arguments of the program, which each rank gets as well
   * @param terminal on which rank 0 may draw
   */
  public Launcher(
      LaunchPlan.Spawn plan,
      List<String> arguments,
      PrintStream out,
      PrintStream err,
      Terminal terminal) {
    this.plan = plan;
    this.arguments = List.copyOf(arguments);
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /**
   * Runs the ranks to their end. A SIGTERM is passed on, and the ranks are given time to save.
   *
   * @return the exit code: of the rank that failed where it is one of ours, else {@link
   *     ExitCode#RANK}
   * @throws UncheckedIOException if a process cannot be started
   */
  public int run() throws InterruptedException {
    var hook = new Thread(this::onShutdown, "launcher-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      for (int attempt = 0; ; attempt++) {
        var end = attempt(attempt);
        if (group.isTerminated()) hook.join();
        if (end.code() == 0) return 0;
        err.println("launcher: " + end.cause());
        if (!end.canTryAgain() || attempt == plan.maxRestarts()) return end.code();
        err.printf(
            "launcher: starting the ranks again, %d of %d%n", attempt + 1, plan.maxRestarts());
      }
    } finally {
      removed(hook);
    }
  }

  private static boolean removed(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      return false;
    }
  }

  private void onShutdown() {
    if (group == null) return;
    int code = group.terminate();
    // The signal's own code promises a checkpoint.
    if (code != 0) Runtime.getRuntime().halt(ExitCode.RANK.number());
  }

  private RankGroup.End attempt(int attempt) throws InterruptedException {
    List<RankProcess> ranks = new ArrayList<>();
    List<Thread> copies = new ArrayList<>();
    Path notes = null;
    try {
      notes = Files.createTempDirectory("panamind-ranks");
      int port = plan.masterPort() == 0 ? freePort() : plan.masterPort();
      for (int local = 0; local < plan.processes(); local++) {
        ranks.add(start(local, attempt, port, notes, copies));
      }
      group = new RankGroup(ranks);
      var end = group.await();
      for (var copy : copies) copy.join(1000);
      return end;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the ranks: " + e.getMessage(), e);
    } finally {
      ranks.forEach(rank -> rank.process().destroyForcibly());
      delete(notes);
    }
  }

  private RankProcess start(int local, int attempt, int port, Path notes, List<Thread> copies)
      throws IOException {
    int rank = plan.node() * plan.processes() + local;
    boolean draws = rank == 0 && terminal.interactive();
    int width = terminal.columns() - RankOutput.prefix(rank).length();
    var builder = new ProcessBuilder(RankCommand.of(arguments, draws ? width : 0));
    var status = notes.resolve("rank-" + rank);
    environment(builder.environment(), local, rank, attempt, port);
    builder.environment().put(LauncherLink.STATUS_FILE, status.toString());
    var process = builder.start();
    boolean bar = terminal.interactive();
    copies.add(new RankOutput(rank, out, outputLock, false, bar).copy(process.getInputStream()));
    copies.add(new RankOutput(rank, err, outputLock, draws, bar).copy(process.getErrorStream()));
    return new RankProcess(rank, process, status);
  }

  private void environment(Map<String, String> env, int local, int rank, int attempt, int port) {
    env.put("RANK", Integer.toString(rank));
    env.put("WORLD_SIZE", Integer.toString(plan.world()));
    env.put("LOCAL_RANK", Integer.toString(local));
    env.put("LOCAL_WORLD_SIZE", Integer.toString(plan.processes()));
    env.put("GROUP_RANK", Integer.toString(plan.node()));
    env.put("MASTER_ADDR", plan.masterAddr());
    env.put("MASTER_PORT", Integer.toString(port));
    env.put("TORCHELASTIC_RESTART_COUNT", Integer.toString(attempt));
    env.put("TORCHELASTIC_MAX_RESTARTS", Integer.toString(plan.maxRestarts()));
    env.put("TORCHELASTIC_USE_AGENT_STORE", "False");
    env.putIfAbsent("TORCHELASTIC_RUN_ID", runId);
    // Otherwise each rank remarks once that its model could do without findUnused.
    env.putIfAbsent("GLOG_minloglevel", "2");
    env.putIfAbsent("TORCH_CPP_LOG_LEVEL", "ERROR");
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / plan.processes());
    env.putIfAbsent("OMP_NUM_THREADS", Integer.toString(threads));
    env.putIfAbsent("OPENBLAS_NUM_THREADS", Integer.toString(threads));
  }

  /** Another process may take it before rank 0 does; then the ranks cannot join and say so. */
  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void delete(Path folder) {
    if (folder == null) return;
    try (Stream<Path> files = Files.list(folder)) {
      for (var file : files.toList()) Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      System.err.println("cannot delete " + folder + ": " + e.getMessage());
    }
  }
}
