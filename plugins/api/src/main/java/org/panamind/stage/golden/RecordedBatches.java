package org.panamind.stage.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.order.Cursor;
import org.panamind.stage.train.Batches;
import org.panamind.stage.train.TrainingData;

/**
 * One epoch of given batches in their order; nothing is held out.
 *
 * @param <B> what the stage calls a batch
 * @param batches at least one
 */
public record RecordedBatches<B>(List<B> batches) implements TrainingData<B> {
  /** Copies the list. */
  public RecordedBatches {
    batches = List.copyOf(batches);
  }

  /** Batches of tokens as golden cases write them: {@code [{"input_ids": ..., "labels": ...}]}. */
  public static RecordedBatches<Batch> rows(JsonNode nodes) {
    var batches = new ArrayList<Batch>();
    for (JsonNode node : nodes) {
      int rows = node.get("input_ids").size();
      var next = cursorAfter(batches.size(), nodes.size());
      batches.add(batch(flat(node.get("input_ids")), flat(node.get("labels")), rows, next));
    }
    return new RecordedBatches<>(batches);
  }

  /**
   * A batch of rows of one length and one document each.
   *
   * @param ids [B, T] row-major
   * @param labels [B, T] row-major
   * @param rows B
   */
  public static Batch batch(long[] ids, long[] labels, int rows, Cursor next) {
    int length = ids.length / rows;
    var lengths = new int[rows];
    Arrays.fill(lengths, length);
    long supervised = 0;
    for (int i = 0; i < labels.length; i++)
      supervised += i % length > 0 && labels[i] != Row.IGNORED ? 1 : 0;
    return new Batch(ids, labels, rows, length, lengths, new int[rows][1], supervised, next);
  }

  /** Where the data goes on after a batch. */
  public static Cursor cursorAfter(int batch, int count) {
    return batch + 1 == count ? new Cursor(1, 0) : new Cursor(0, batch + 1);
  }

  /** A list of equally long lists of integers, row-major. */
  public static long[] flat(JsonNode rows) {
    int width = rows.get(0).size();
    var values = new long[rows.size() * width];
    for (int i = 0; i < values.length; i++) values[i] = rows.get(i / width).get(i % width).asLong();
    return values;
  }

  @Override
  public long batchesPerEpoch() {
    return batches.size();
  }

  @Override
  public Batches<B> training(Cursor from, long epochs) {
    return new Given<>(batches, Math.toIntExact(from.position()));
  }

  @Override
  public Batches<B> heldOut() {
    return new Given<>(List.of(), 0);
  }

  private static final class Given<B> implements Batches<B> {
    private final List<B> batches;
    private int given;

    Given(List<B> batches, int given) {
      this.batches = batches;
      this.given = given;
    }

    @Override
    public Optional<B> next() {
      return given < batches.size() ? Optional.of(batches.get(given++)) : Optional.empty();
    }

    @Override
    public Cursor cursor() {
      return given == 0 ? Cursor.START : cursorAfter(given - 1, batches.size());
    }

    @Override
    public void close() {}
  }
}
