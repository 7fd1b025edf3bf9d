package org.panamind.dataset.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.panamind.dataset.DataException;

/** Cuts a stream of bytes into lines, holding one line at a time. */
final class LineScanner implements Closeable {
  /** A line beyond this is no training sample; it is a file without line ends. */
  static final int LONGEST_LINE = 1 << 28;

  private static final int BUFFER_BYTES = 1 << 16;

  private final SourceFile source;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private byte[] line = new byte[1 << 12];
  private int length;
  private boolean ended;
  private long lineNumber;
  private long offset;
  private long nextOffset;

  LineScanner(SourceFile source, InputStream in) {
    this.source = source;
    this.in = in;
  }

  /** Moves to the next line; false at the end of the stream. */
  boolean next() {
    offset = nextOffset;
    length = 0;
    ended = false;
    while (!ended && (position < limit || fill())) {
      int newline = position;
      while (newline < limit && buffer[newline] != '\n') {
        newline++;
      }
      append(position, newline);
      ended = newline < limit;
      position = ended ? newline + 1 : newline;
    }
    nextOffset = offset + length + (ended ? 1 : 0);
    if (nextOffset == offset) {
      return false;
    }
    lineNumber++;
    return true;
  }

  private boolean fill() {
    try {
      position = 0;
      limit = Math.max(0, in.read(buffer, 0, buffer.length));
      return limit > 0;
    } catch (IOException e) {
      throw source.failure(e, lineNumber);
    }
  }

  private void append(int from, int to) {
    int needed = length + (to - from);
    if (needed > LONGEST_LINE) {
      throw DataException.atLine(
          source.path(),
          lineNumber + 1,
          "the line is longer than %d MiB. JSONL has one JSON object per line; put each on its own."
              .formatted(LONGEST_LINE >> 20));
    }
    if (needed > line.length) {
      line = Arrays.copyOf(line, Math.max(needed, line.length * 2));
    }
    System.arraycopy(buffer, from, line, length, to - from);
    length = needed;
  }

  /** The bytes of the line, valid until the next one; {@link #length} of them. */
  byte[] bytes() {
    return line;
  }

  /** How many bytes the line has, without its newline. */
  int length() {
    return length;
  }

  /** Counted from 1. */
  long lineNumber() {
    return lineNumber;
  }

  /** Where the line begins in the unpacked stream. */
  long offset() {
    return offset;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
