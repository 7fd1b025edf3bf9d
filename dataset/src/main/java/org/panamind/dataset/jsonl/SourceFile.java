package org.panamind.dataset.jsonl;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipException;
import org.panamind.dataset.AtomicFile;
import org.panamind.dataset.DataException;

/** The user's file: opening it, and saying what went wrong in words that name it. */
final class SourceFile {
  /** Stands for the number of a line where it is not known. */
  static final long NO_LINE = -1;

  private final Path path;

  /** What a file looked like at some time; a changed file has another stamp. */
  record Stamp(long size, long modifiedNanos) {
    static Stamp of(Path file) throws IOException {
      return new Stamp(Files.size(file), Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS));
    }
  }

  SourceFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /** The stamp of the file now, checked to be a file with something in it. */
  Stamp stamp() {
    try {
      if (Files.isDirectory(path)) {
        throw new NoSuchFileException(path.toString(), null, "is a folder");
      }
      Stamp stamp = Stamp.of(path);
      if (stamp.size() == 0) {
        throw empty();
      }
      return stamp;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Opens the file, unpacked. */
  Compression.Unpacked open() {
    stamp();
    try {
      return Compression.open(path);
    } catch (IOException e) {
      throw failure(e, NO_LINE);
    }
  }

  DataException empty() {
    return DataException.inFile(
        path,
        "is empty. Give a JSONL file: one JSON object per line, such as {\"text\": \"...\"}.");
  }

  /**
   * The error of a read that failed.
   *
   * @param lastLine the last line that was read whole, or {@link #NO_LINE}
   */
  RuntimeException failure(IOException e, long lastLine) {
    boolean zstd = e.getClass().getName().startsWith("com.github.luben.zstd");
    if (e instanceof EOFException || e instanceof ZipException || zstd) {
      String what =
          "the compressed file is damaged or cut short (%s). Copy or download it again."
              .formatted(e.getMessage());
      return lastLine == NO_LINE
          ? DataException.inFile(path, what)
          : DataException.atLine(path, lastLine + 1, what);
    }
    return unreadable(e);
  }

  private UncheckedIOException unreadable(IOException e) {
    String reason = Files.isDirectory(path) ? "is a folder, not a file" : AtomicFile.reason(e);
    return new UncheckedIOException(
        "%s: cannot be read: %s (looked for %s)".formatted(path, reason, path.toAbsolutePath()), e);
  }

  /** A stream that reports failures as those of this file, for code that also writes another. */
  static final class Guarded extends java.io.FilterInputStream {
    private final SourceFile source;

    Guarded(InputStream in, SourceFile source) {
      super(in);
      this.source = source;
    }

    @Override
    public int read(byte[] bytes, int from, int count) {
      try {
        return super.read(bytes, from, count);
      } catch (IOException e) {
        throw source.failure(e, NO_LINE);
      }
    }
  }
}
