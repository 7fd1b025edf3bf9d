package org.panamind.dataset.jsonl;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.panamind.dataset.AtomicFile;

/**
 * Where each good line of a file begins, kept in a file of its own: 16 bytes a line (offset,
 * length, line number), then a footer, then the footer's length and checksum and a mark. Lines are
 * looked up on the disk, so memory does not grow with them.
 */
final class LineIndex implements AutoCloseable {
  /** Goes up whenever the format or the meaning of a good line changes. */
  private static final int VERSION = 1;

  private static final int ENTRY_BYTES = 16;
  private static final int TAIL_BYTES = 24;
  private static final long MARK = 0x50414E414D494458L;

  private final RandomFile file;
  private final LineReport report;

  /** A line's place. */
  record Entry(long offset, int length, long lineNumber) {}

  /**
   * What an index was made from; another key makes it stale.
   *
   * @param source the user's file
   * @param data the file that offsets count in: the same, or its unpacked copy
   * @param signature the check that lines passed
   */
  record Key(SourceFile.Stamp source, SourceFile.Stamp data, String signature) {}

  private LineIndex(RandomFile file, LineReport report) {
    this.file = file;
    this.report = report;
  }

  /** Opens the index in {@code path} if it is there, whole and made from {@code key}. */
  static Optional<LineIndex> open(Path path, Key key) {
    try {
      RandomFile file = new RandomFile(path);
      try {
        Optional<LineReport> report = readFooter(file, key);
        if (report.isPresent()) {
          return Optional.of(new LineIndex(file, report.get()));
        }
      } catch (IOException e) {
        file.close();
        return Optional.empty();
      }
      file.close();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<LineReport> readFooter(RandomFile file, Key key) throws IOException {
    long size = file.size();
    if (size < TAIL_BYTES) {
      return Optional.empty();
    }
    byte[] tail = new byte[TAIL_BYTES];
    file.read(size - TAIL_BYTES, tail);
    ByteBuffer end = ByteBuffer.wrap(tail);
    long footerBytes = end.getLong();
    long checksum = end.getLong();
    long entryBytes = size - TAIL_BYTES - footerBytes;
    boolean plausible = footerBytes > 0 && footerBytes < (1 << 20) && entryBytes >= 0;
    if (end.getLong() != MARK || !plausible) {
      return Optional.empty();
    }
    byte[] footer = new byte[(int) footerBytes];
    file.read(entryBytes, footer);
    if (checksumOf(footer) != checksum) {
      return Optional.empty();
    }
    return reportIn(footer, key).filter(report -> report.good() * ENTRY_BYTES == entryBytes);
  }

  private static Optional<LineReport> reportIn(byte[] footer, Key key) throws IOException {
    DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(footer));
    if (in.readInt() != VERSION) {
      return Optional.empty();
    }
    SourceFile.Stamp source = new SourceFile.Stamp(in.readLong(), in.readLong());
    SourceFile.Stamp data = new SourceFile.Stamp(in.readLong(), in.readLong());
    if (!new Key(source, data, in.readUTF()).equals(key)) {
      return Optional.empty();
    }
    return Optional.of(
        new LineReport(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readUTF()));
  }

  /** Reads every line of {@code lines} and writes their index to {@code path}. */
  static void write(Path path, Key key, JsonlReader lines) {
    AtomicFile.write(
        path,
        out -> {
          DataOutputStream data = new DataOutputStream(out);
          while (lines.hasNext()) {
            data.writeLong(lines.offset());
            data.writeInt(lines.length());
            data.writeInt((int) lines.lineNumber());
            lines.next();
          }
          writeFooter(data, key, lines.report());
        });
  }

  private static void writeFooter(OutputStream out, Key key, LineReport report) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream footer = new DataOutputStream(bytes);
    footer.writeInt(VERSION);
    footer.writeLong(key.source().size());
    footer.writeLong(key.source().modifiedNanos());
    footer.writeLong(key.data().size());
    footer.writeLong(key.data().modifiedNanos());
    footer.writeUTF(key.signature());
    footer.writeLong(report.lines());
    footer.writeLong(report.good());
    footer.writeLong(report.bad());
    footer.writeLong(report.blank());
    footer.writeUTF(report.firstBad());
    byte[] whole = bytes.toByteArray();
    DataOutputStream tail = new DataOutputStream(out);
    tail.write(whole);
    tail.writeLong(whole.length);
    tail.writeLong(checksumOf(whole));
    tail.writeLong(MARK);
    tail.flush();
  }

  private static long checksumOf(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  LineReport report() {
    return report;
  }

  Entry entry(long index) {
    if (index < 0 || index >= report.good()) {
      throw new IndexOutOfBoundsException(
          "sample " + index + " of a file with " + report.good() + " samples");
    }
    try {
      byte[] bytes = new byte[ENTRY_BYTES];
      file.read(index * ENTRY_BYTES, bytes);
      ByteBuffer entry = ByteBuffer.wrap(bytes);
      return new Entry(entry.getLong(), entry.getInt(), Integer.toUnsignedLong(entry.getInt()));
    } catch (IOException e) {
      throw new UncheckedIOException("an index of lines cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
