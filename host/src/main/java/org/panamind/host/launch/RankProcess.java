package org.panamind.host.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A rank as its launcher sees it.
 *
 * @param rank its number
 * @param process its virtual machine
 * @param statusFile where it notes its step
 */
record RankProcess(int rank, Process process, Path statusFile) {
  private static final int SIGNALLED = 128;
  private static final String[] SIGNALS = {
    "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
    "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM"
  };

  /** Whether it was stopped (SIGSTOP), and so cannot end by itself. */
  boolean isStopped() {
    try {
      var stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      int name = stat.lastIndexOf(')');
      return name >= 0 && stat.startsWith("T", name + 2);
    } catch (IOException e) {
      // It has gone meanwhile, or this system has no /proc.
      return false;
    }
  }

  /** How it ended, and where: for one line of the launcher's. */
  String ending() {
    return "rank "
        + rank
        + " (process "
        + process.pid()
        + ") "
        + how(process.exitValue())
        + where();
  }

  /** Where it was, for a rank that has not ended by itself. */
  String where() {
    try {
      var step = Files.readString(statusFile, StandardCharsets.US_ASCII).strip();
      return step.isEmpty() ? " before its first step" : " in step " + step;
    } catch (IOException e) {
      return " before its first step";
    }
  }

  private static String how(int code) {
    int signal = code - SIGNALLED;
    if (signal <= 0 || signal >= SIGNALS.length) return "ended with exit code " + code;
    String hint = SIGNALS[signal].equals("SIGKILL") ? "; if nobody did, memory ran out" : "";
    return "was ended by " + SIGNALS[signal] + " (exit code " + code + hint + ")";
  }
}
