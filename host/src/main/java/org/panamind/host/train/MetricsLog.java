package org.panamind.host.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
  private final Consumer<String> warning;
  private final FileChannel channel;

  /** Rows that are not in the file yet, ready to be read; a full disk leaves some. */
  private ByteBuffer waiting = ByteBuffer.allocate(0);

  /**
   * Opens the log.
   *
   * @param lastStep rows up to this step stay; 0 starts anew
   * @param ended whether this was the run's last step, after which it is measured once more
   * @param warning hears that rows have to wait
   */
  MetricsLog(Path file, long lastStep, boolean ended, Consumer<String> warning) {
    this.file = file;
    this.warning = warning;
    try {
      Files.createDirectories(file.getParent());
      List<String> kept =
          lastStep > 0 && Files.exists(file) ? rowsUpTo(lastStep, ended) : List.of();
      String text = kept.isEmpty() ? "" : String.join("\n", kept) + "\n";
      AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
      channel = FileChannel.open(file, StandardOpenOption.APPEND);
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

  /**
   * Writes a row and hands it to the system. When that fails the row waits in memory: what does not
   * fit on the disk is a matter of the checkpoints, whose failures are counted, and no reason to
   * lose a run.
   */
  void row(Map<String, ?> values) {
    boolean waited = waiting.hasRemaining();
    try {
      byte[] line = (JSON.writeValueAsString(values) + "\n").getBytes(StandardCharsets.UTF_8);
      waiting =
          ByteBuffer.allocate(waiting.remaining() + line.length).put(waiting).put(line).flip();
      write();
    } catch (IOException e) {
      if (!waited) warning.accept(failure(e).getMessage() + "; its rows wait in memory.");
    }
  }

  private void write() throws IOException {
    while (waiting.hasRemaining()) channel.write(waiting);
  }

  private UncheckedIOException failure(IOException e) {
    return new UncheckedIOException("cannot write " + file + ": " + AtomicFile.reason(e), e);
  }

  /** Writes the rows that wait; fails when there is no room for them yet. */
  @Override
  public void close() {
    try (channel) {
      write();
    } catch (IOException e) {
      throw failure(e);
    }
  }
}
