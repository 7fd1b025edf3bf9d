package org.panamind.dataset.batch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.DataException;
import org.panamind.dataset.Samples;
import org.panamind.dataset.order.SampleOrder;

/**
 * Documents one after another in full rows, with nothing thrown away and no padding but behind the
 * last row of an epoch.
 *
 * <p>An epoch is one long stream of tokens. Row k holds the tokens from {@code k * (T - 1)} to
 * {@code k * (T - 1) + T}: neighbours share one token, since a row's first token is only context,
 * and so every token is predicted exactly once. The first token of a document is never predicted
 * from the document before. A document cut by a row's end goes on in the next row. {@link
 * Row#documentStarts} keeps the borders.
 *
 * <p>Memory: 8 bytes a row for each of two epochs, and a few documents.
 */
public final class PackedRows implements RowSource<Row> {
  /** Neighbouring rows share documents; a long one must not be encoded again for each of them. */
  private static final int KEPT_DOCUMENTS = 64;

  private static final int KEPT_LAYOUTS = 2;

  private final Samples<int[]> documents;
  private final DocumentLengths lengths;
  private final SampleOrder order;
  private final int rowLength;
  private final int rows;
  private final Map<Long, Layout> layouts = boundedTo(KEPT_LAYOUTS);
  private final Map<Long, int[]> recent = boundedTo(KEPT_DOCUMENTS);

  /** Where each row of an epoch begins: in which document of the order, at which of its tokens. */
  private record Layout(int[] positions, int[] offsets) {}

  /**
   * Lays out documents.
   *
   * @param documents token ids of each document, none empty
   * @param lengths of these documents
   * @param order of these documents
   * @param rowLength T, at least 2
   * @throws IllegalArgumentException if the sizes do not agree
   * @throws DataException if there is less than one token to predict
   */
  public PackedRows(
      Samples<int[]> documents, DocumentLengths lengths, SampleOrder order, int rowLength) {
    if (documents.size() != order.size() || lengths.size() != order.size() || rowLength < 2) {
      throw new IllegalArgumentException(
          "cannot pack %d documents with %d lengths in an order of %d into rows of %d"
              .formatted(documents.size(), lengths.size(), order.size(), rowLength));
    }
    long tokens = lengths.tokens();
    if (tokens < 2) {
      throw new DataException("the documents have " + tokens + " tokens; packing needs at least 2");
    }
    this.documents = documents;
    this.lengths = lengths;
    this.order = order;
    this.rowLength = rowLength;
    this.rows = Math.toIntExact(Math.ceilDiv(tokens - 1, rowLength - 1));
  }

  private static <K, V> Map<K, V> boundedTo(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }

  @Override
  public long rowsPerEpoch() {
    return rows;
  }

  @Override
  public Row row(long epoch, long position) {
    Layout layout = layout(epoch);
    int row = Math.toIntExact(position);
    int[] ids = new int[rowLength];
    List<Integer> starts = new ArrayList<>();
    starts.add(0);
    int filled = 0;
    int offset = layout.offsets[row];
    for (long at = layout.positions[row]; filled < rowLength && at < order.size(); at++) {
      int[] document = document(order.at(epoch, at));
      if (filled > 0) {
        starts.add(filled);
      }
      int count = Math.min(document.length - offset, rowLength - filled);
      System.arraycopy(document, offset, ids, filled, count);
      filled += count;
      offset = 0;
    }
    return finished(java.util.Arrays.copyOf(ids, filled), starts);
  }

  private static Row finished(int[] ids, List<Integer> starts) {
    int[] labels = ids.clone();
    starts.stream().filter(start -> start > 0).forEach(start -> labels[start] = Row.IGNORED);
    return new Row(ids, labels, starts.stream().mapToInt(Integer::intValue).toArray());
  }

  private int[] document(long number) {
    synchronized (recent) {
      int[] known = recent.get(number);
      if (known != null) {
        return known;
      }
    }
    int[] made = documents.get(number);
    if (made.length != lengths.of(number)) {
      throw new DataException(
          "document %d has %d tokens, %d were counted: the data or the tokenizer changed. Start again."
              .formatted(number, made.length, lengths.of(number)));
    }
    synchronized (recent) {
      recent.put(number, made);
    }
    return made;
  }

  private Layout layout(long epoch) {
    synchronized (layouts) {
      return layouts.computeIfAbsent(epoch, this::layOut);
    }
  }

  private Layout layOut(long epoch) {
    Layout layout = new Layout(new int[rows], new int[rows]);
    int row = 0;
    long streamed = 0;
    for (int at = 0; at < order.size() && row < rows; at++) {
      int length = lengths.of(order.at(epoch, at));
      for (long start = startOf(row); row < rows && start < streamed + length; ) {
        layout.positions[row] = at;
        layout.offsets[row] = (int) (start - streamed);
        start = startOf(++row);
      }
      streamed += length;
    }
    return layout;
  }

  private long startOf(int row) {
    return (long) row * (rowLength - 1);
  }
}
