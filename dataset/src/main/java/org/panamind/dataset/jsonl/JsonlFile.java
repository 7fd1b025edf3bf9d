package org.panamind.dataset.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.panamind.dataset.AtomicFile;
import org.panamind.dataset.DataException;
import org.panamind.dataset.Samples;

/**
 * A JSONL file with random access to its good lines, for many threads at once.
 *
 * <p>Opening it the first time reads every line once, so that each bad one is known before training
 * begins, and leaves an index beside it ({@code my.jsonl.idx}). The index is used again as long as
 * size and time of change of the file, the check and the format are the same. A gzip or zstd file
 * is unpacked once to {@code my.jsonl.gz.plain} beside it, since neither can be read from the
 * middle: this costs disk and no memory. Where the folder cannot be written, both lie in the folder
 * for temporary files and go with this object.
 */
public final class JsonlFile implements Samples<JsonNode>, AutoCloseable {
  private final SourceFile source;
  private final SideFiles sideFiles;
  private final LineIndex.Key key;
  private final LineIndex index;
  private final RandomFile data;
  private final LineParser parser;

  private JsonlFile(
      SourceFile source,
      SideFiles sideFiles,
      LineIndex.Key key,
      LineIndex index,
      RandomFile data,
      LineCheck check) {
    this.source = source;
    this.sideFiles = sideFiles;
    this.key = key;
    this.index = index;
    this.data = data;
    this.parser = new LineParser(check);
  }

  /**
   * Opens a file.
   *
   * @param check what every record must have
   * @param badLines what to do with lines that are none
   * @throws java.io.UncheckedIOException if the file cannot be read
   * @throws DataException if it is empty, damaged, or has more bad lines than allowed
   */
  public static JsonlFile open(Path file, LineCheck check, BadLines badLines) {
    SourceFile source = new SourceFile(file);
    SideFiles sideFiles = new SideFiles(file);
    try {
      SourceFile.Stamp stamp = source.stamp();
      boolean packed = isPacked(source);
      Path kept = packed ? sideFiles.beside(".plain") : file;
      if (Files.exists(kept)) {
        LineIndex.Key key = new LineIndex.Key(stamp, SourceFile.Stamp.of(kept), check.signature());
        Optional<LineIndex> index = LineIndex.open(sideFiles.beside(".idx"), key);
        if (index.isPresent()) {
          judge(source, index.get(), badLines);
          RandomFile data = new RandomFile(kept);
          return new JsonlFile(source, sideFiles, key, index.get(), data, check);
        }
      }
      Path plain = packed ? unpack(source, sideFiles) : file;
      LineIndex.Key key = new LineIndex.Key(stamp, SourceFile.Stamp.of(plain), check.signature());
      LineIndex index = makeIndex(source, plain, key, check, badLines, sideFiles);
      return new JsonlFile(source, sideFiles, key, index, new RandomFile(plain), check);
    } catch (IOException e) {
      sideFiles.close();
      throw source.failure(e, SourceFile.NO_LINE);
    } catch (RuntimeException e) {
      sideFiles.close();
      throw e;
    }
  }

  private static void judge(SourceFile source, LineIndex index, BadLines badLines)
      throws IOException {
    try {
      badLines.judge(source, index.report());
    } catch (DataException e) {
      index.close();
      throw e;
    }
  }

  private static boolean isPacked(SourceFile source) throws IOException {
    Compression.Unpacked unpacked = source.open();
    unpacked.bytes().close();
    return unpacked.compression() != Compression.NONE;
  }

  /** The copy gets the source's time of change, so that ranks that unpack at once agree on it. */
  private static Path unpack(SourceFile source, SideFiles sideFiles) throws IOException {
    Path plain =
        sideFiles.make(
            ".plain",
            target -> {
              try (InputStream in = new SourceFile.Guarded(source.open().bytes(), source)) {
                AtomicFile.write(target, in::transferTo);
              } catch (IOException e) {
                throw source.failure(e, SourceFile.NO_LINE);
              }
            });
    Files.setLastModifiedTime(plain, Files.getLastModifiedTime(source.path()));
    return plain;
  }

  private static LineIndex makeIndex(
      SourceFile source,
      Path plain,
      LineIndex.Key key,
      LineCheck check,
      BadLines badLines,
      SideFiles sideFiles) {
    Path path =
        sideFiles.make(
            ".idx",
            target -> {
              try (JsonlReader lines = JsonlReader.openPlain(source, plain, check, badLines)) {
                LineIndex.write(target, key, lines);
              }
            });
    return LineIndex.open(path, key)
        .orElseThrow(
            () -> DataException.inFile(source.path(), "changed while it was read. Start again."));
  }

  @Override
  public long size() {
    return index.report().good();
  }

  /**
   * Reads one record.
   *
   * @throws DataException if the line is not what it was when the file was opened
   */
  @Override
  public JsonNode get(long sample) {
    LineIndex.Entry entry = index.entry(sample);
    byte[] bytes = new byte[entry.length()];
    try {
      data.read(entry.offset(), bytes);
      return parser.parse(bytes, bytes.length);
    } catch (IOException e) {
      throw source.failure(e, entry.lineNumber() - 1);
    } catch (LineParser.BadLine e) {
      throw DataException.atLine(
          source.path(),
          entry.lineNumber(),
          e.getMessage() + ". The file was changed while in use; start again.");
    }
  }

  /** One string of each record, for a field that the check asks for as text. */
  public Samples<String> texts(String field) {
    return map(record -> record.path(field).textValue());
  }

  /** What became of the lines. */
  public LineReport report() {
    return index.report();
  }

  /**
   * Names this state of the file and the check its records passed, as a key for what is derived
   * from it. Writing or copying the file changes it.
   */
  public String fingerprint() {
    return "%d bytes of %d, %s"
        .formatted(key.source().size(), key.source().modifiedNanos(), key.signature());
  }

  @Override
  public void close() {
    sideFiles.close();
    try {
      index.close();
      data.close();
    } catch (IOException e) {
      throw new UncheckedIOException(source.path() + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
