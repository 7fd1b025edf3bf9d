package org.panamind.dataset.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.panamind.dataset.DataException;

/**
 * Reads the records of a JSONL file from first to last, with one line in memory at a time. The file
 * may be plain, gzip or zstd. A byte order mark, line ends of either kind and blank lines are taken
 * as they come. For one thread.
 *
 * <p>A record is a line with one JSON object (RFC 8259, no key twice) in UTF-8 that passes the
 * {@link LineCheck}.
 */
public final class JsonlReader implements Iterator<JsonNode>, AutoCloseable {
  private static final int BYTE_ORDER_MARK = 3;

  private final SourceFile source;
  private final BadLines badLines;
  private final LineParser parser;
  private final LineScanner lines;
  private JsonNode record;
  private boolean fetched;
  private int markBytes;
  private long good;
  private long bad;
  private long blank;
  private String firstBad = "";
  private Consumer<String> onBadLine = what -> {};

  private JsonlReader(SourceFile source, InputStream in, LineCheck check, BadLines badLines) {
    this.source = source;
    this.badLines = badLines;
    this.parser = new LineParser(check);
    this.lines = new LineScanner(source, in);
  }

  /**
   * Opens a file.
   *
   * @throws java.io.UncheckedIOException if it is not there or cannot be read
   * @throws DataException if it is empty
   */
  public static JsonlReader open(Path file, LineCheck check, BadLines badLines) {
    SourceFile source = new SourceFile(file);
    return new JsonlReader(source, source.open().bytes(), check, badLines);
  }

  /** Reads {@code plain}, the file itself or its unpacked copy, and speaks of {@code source}. */
  static JsonlReader openPlain(SourceFile source, Path plain, LineCheck check, BadLines badLines) {
    try {
      return new JsonlReader(source, Files.newInputStream(plain), check, badLines);
    } catch (IOException e) {
      throw source.failure(e, SourceFile.NO_LINE);
    }
  }

  /**
   * Lets every bad line be told, in the form {@code file:line: what}, as soon as it is met.
   *
   * @return this
   */
  public JsonlReader tellBadLines(Consumer<String> listener) {
    onBadLine = listener;
    return this;
  }

  /**
   * Whether there is another record.
   *
   * @throws DataException at the first bad line, or at the end if more were left out than allowed
   */
  @Override
  public boolean hasNext() {
    if (!fetched) {
      record = fetch();
      fetched = true;
    }
    return record != null;
  }

  @Override
  public JsonNode next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the file has no more records");
    }
    fetched = false;
    return record;
  }

  private JsonNode fetch() {
    while (lines.next()) {
      markBytes = lines.lineNumber() == 1 ? dropByteOrderMark() : 0;
      int length = length();
      byte[] bytes = lines.bytes();
      if (LineParser.isBlank(bytes, length)) {
        blank++;
        continue;
      }
      try {
        JsonNode parsed = parser.parse(bytes, length);
        good++;
        return parsed;
      } catch (LineParser.BadLine e) {
        reject(e);
      }
    }
    badLines.judge(source, report());
    return null;
  }

  /** Moves the first line's bytes over its mark, as if it had none. */
  private int dropByteOrderMark() {
    byte[] bytes = lines.bytes();
    boolean marked =
        lines.length() >= BYTE_ORDER_MARK
            && (bytes[0] & 0xFF) == 0xEF
            && (bytes[1] & 0xFF) == 0xBB
            && (bytes[2] & 0xFF) == 0xBF;
    if (!marked) {
      return 0;
    }
    System.arraycopy(bytes, BYTE_ORDER_MARK, bytes, 0, lines.length() - BYTE_ORDER_MARK);
    return BYTE_ORDER_MARK;
  }

  private void reject(LineParser.BadLine e) {
    bad++;
    String what = source.path() + ":" + lines.lineNumber() + ": " + e.getMessage();
    if (bad == 1) {
      firstBad = what;
    }
    onBadLine.accept(what);
    if (!badLines.skip()) {
      boolean noJsonlAtAll = good == 0 && !e.isJson();
      throw new DataException(
          what
              + (noJsonlAtAll
                  ? ". The file must be JSONL, one JSON object per line; of a plain text make one"
                      + " by jq -Rc '{text: .}' my.txt > my.jsonl. A single bad line: mend it or"
                      + " pass --bad_lines skip."
                  : ". Mend the line or pass --bad_lines skip."));
    }
  }

  /** The line of the record that was fetched last, counted from 1. */
  long lineNumber() {
    return lines.lineNumber();
  }

  /** Where that line begins in the unpacked file, behind a byte order mark. */
  long offset() {
    return lines.offset() + markBytes;
  }

  /** How many bytes it has, without the newline. */
  int length() {
    return lines.length() - markBytes;
  }

  /** What became of the lines read so far. */
  public LineReport report() {
    return new LineReport(lines.lineNumber(), good, bad, blank, firstBad);
  }

  /** The strings of one field from here on. The reader stays the owner of the file. */
  public Iterator<String> texts(String field) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return JsonlReader.this.hasNext();
      }

      @Override
      public String next() {
        return JsonlReader.this.next().path(field).textValue();
      }
    };
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(source.path() + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
