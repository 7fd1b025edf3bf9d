package org.panamind.host.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Rows of {@code metrics.jsonl}, one a log step, each a JSON object that begins with {@code step}.
 * A resumed run drops the rows after its checkpoint and goes on, so that the file reads as if it
 * had never been stopped.
 */
final class MetricsLog implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final BufferedWriter writer;

  /**
   * Opens the log.
   *
   * @param lastStep rows up to this step stay; 0 starts anew
   */
  MetricsLog(Path file, long lastStep) {
    this.file = file;
    try {
      Files.createDirectories(file.getParent());
      List<String> kept = lastStep > 0 && Files.exists(file) ? rowsUpTo(lastStep) : List.of();
      Files.write(file, kept);
      writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** A kill may have cut the last row short; it is after the checkpoint then. */
  private List<String> rowsUpTo(long lastStep) throws IOException {
    List<String> kept = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      try {
        JsonNode row = JSON.readTree(line);
        if (row.path("step").asLong(Long.MAX_VALUE) > lastStep) break;
      } catch (JsonProcessingException e) {
        break;
      }
      kept.add(line);
    }
    return kept;
  }

  /** Writes a row and hands it to the system. */
  void row(Map<String, ?> values) {
    try {
      writer.write(JSON.writeValueAsString(values));
      writer.newLine();
      writer.flush();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private UncheckedIOException failure(IOException e) {
    return new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw failure(e);
    }
  }
}
