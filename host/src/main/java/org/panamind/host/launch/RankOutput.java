package org.panamind.host.launch;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Copies what a rank prints, with its number before each line. Lines of different ranks do not mix;
 * a rank that draws a bar is passed on as it comes, and the others' lines stand above its bar.
 */
final class RankOutput {
  /** Carriage return and "erase in line". */
  private static final byte[] CLEAR_LINE = "\r\u001b[2K".getBytes(StandardCharsets.US_ASCII);

  private static final int ESCAPE = 0x1b;

  private final byte[] prefix;
  private final PrintStream target;
  private final Object lock;
  private final boolean draws;
  private final boolean besideABar;
  private byte[] line = new byte[256];
  private int length;
  private boolean atStart = true;
  private boolean inEscape;

  /**
   * For one stream of one rank.
   *
   * @param lock of the terminal, shared by all streams
   * @param draws whether this one draws a bar
   * @param besideABar whether another one may draw a bar on the same terminal
   */
  RankOutput(int rank, PrintStream target, Object lock, boolean draws, boolean besideABar) {
    this.prefix = prefix(rank).getBytes(StandardCharsets.US_ASCII);
    this.target = target;
    this.lock = lock;
    this.draws = draws;
    this.besideABar = besideABar;
  }

  /** What stands before a rank's lines. */
  static String prefix(int rank) {
    return "[" + rank + "] ";
  }

  /** Copies to the stream's end, on a thread of its own. */
  Thread copy(InputStream from) {
    return Thread.ofPlatform().daemon().name("rank-output").start(() -> copyAll(from));
  }

  private void copyAll(InputStream from) {
    var buffer = new byte[8192];
    try (from) {
      for (int count; (count = from.read(buffer)) >= 0; ) {
        synchronized (lock) {
          for (int i = 0; i < count; i++) {
            if (draws) draw(buffer[i]);
            else collect(buffer[i]);
          }
          target.flush();
        }
      }
    } catch (IOException e) {
      // The rank was killed while it wrote; what there is was copied.
      length = Math.min(length, line.length);
    }
    synchronized (lock) {
      if (length > 0) collect((byte) '\n');
      target.flush();
    }
  }

  private void collect(byte next) {
    if (length == line.length) line = Arrays.copyOf(line, 2 * length);
    line[length++] = next;
    if (next != '\n') return;
    if (besideABar) target.write(CLEAR_LINE, 0, CLEAR_LINE.length);
    target.write(prefix, 0, prefix.length);
    target.write(line, 0, length);
    length = 0;
  }

  /** The prefix stands behind escape sequences, which may erase the line. */
  private void draw(byte next) {
    if (inEscape) {
      inEscape = !Character.isLetter(next);
    } else if (atStart && next == ESCAPE) {
      inEscape = true;
    } else if (atStart && next != '\r') {
      target.write(prefix, 0, prefix.length);
      atStart = false;
    }
    target.write(next);
    if (next == '\n' || next == '\r') atStart = true;
  }
}
