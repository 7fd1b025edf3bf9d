package org.panamind.host.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.AtomicFile;

/**
 * Rows of {@code metrics.jsonl}, one a log step, each a JSON object that begins with {@code step}.
 * A resumed run drops the rows after its checkpoint and goes on, so that the file reads as if it
 * had never been stopped.
 */
final class MetricsLog implements AutoCloseable {
  /** Key of the held-out loss; rows of measurements have it. */
  static final String EVALUATED = "eval_loss";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final BufferedWriter writer;

  /**
   * Opens the log.
   *
   * @param lastStep rows up to this step stay; 0 starts anew
   * @param ended whether this was the run's last step, after which it is measured once more
   */
  MetricsLog(Path file, long lastStep, boolean ended) {
    this.file = file;
    try {
      Files.createDirectories(file.getParent());
      List<String> kept =
          lastStep > 0 && Files.exists(file) ? rowsUpTo(lastStep, ended) : List.of();
      String text = kept.isEmpty() ? "" : String.join("\n", kept) + "\n";
      AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
      writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** A kill may have cut the last row short, even within a character; it is to be dropped then. */
  private List<String> rowsUpTo(long lastStep, boolean ended) throws IOException {
    List<String> kept = new ArrayList<>();
    for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
      try {
        JsonNode row = JSON.readTree(line);
        long step = row.path("step").asLong(Long.MAX_VALUE);
        if (step > lastStep || ended && step == lastStep && row.has(EVALUATED)) break;
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
      writer.write('\n');
      writer.flush();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private UncheckedIOException failure(IOException e) {
    return new UncheckedIOException("cannot write " + file + ": " + AtomicFile.reason(e), e);
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
