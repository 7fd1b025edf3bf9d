package org.panamind.host.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;

/**
 * A rank's tie to our launcher. The launcher holds the other end of the rank's standard input, so
 * when that ends, the launcher has died and the rank follows at once. In return the rank notes its
 * step in a file, which outlives it.
 */
public final class LauncherLink implements AutoCloseable {
  /** The file in which a rank notes its step; set by our launcher alone. */
  static final String STATUS_FILE = "PANAMIND_RANK_STATUS";

  /** Exit code of a rank whose launcher is gone. */
  static final int ORPHANED = 76;

  private static final int WIDTH = 20;

  private final FileChannel status;

  private LauncherLink(FileChannel status) {
    this.status = status;
  }

  /** Ties this process to our launcher; does nothing when another one has started it, or none. */
  public static LauncherLink open(Map<String, String> environment) {
    String file = environment.get(STATUS_FILE);
    if (file == null) return new LauncherLink(null);
    Thread.ofPlatform().daemon().name("launcher-watch").start(LauncherLink::watch);
    try {
      return new LauncherLink(
          FileChannel.open(Path.of(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    } catch (IOException e) {
      // The note serves a message of the launcher's; a run need not fail for want of it.
      return new LauncherLink(null);
    }
  }

  /** Halts without shutdown hooks: they would wait for a loop that waits for other ranks. */
  private static void watch() {
    try {
      while (System.in.read() >= 0) continue;
    } catch (IOException e) {
      System.err.println("standard input failed: " + e.getMessage());
    }
    Runtime.getRuntime().halt(ORPHANED);
  }

  /** Notes the step that is being computed. */
  public void step(long step) {
    if (status == null) return;
    var text = String.format(Locale.ROOT, "%-" + WIDTH + "d", step);
    try {
      status.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
    } catch (IOException e) {
      // As above: a full disk is the checkpoint's to report.
      return;
    }
  }

  @Override
  public void close() {
    try {
      if (status != null) status.close();
    } catch (IOException e) {
      return;
    }
  }
}
