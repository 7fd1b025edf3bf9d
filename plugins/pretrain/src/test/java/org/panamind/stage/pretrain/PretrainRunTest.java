package org.panamind.stage.pretrain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.order.Cursor;
import org.panamind.model.Decoder;
import org.panamind.model.ModelConfig;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.TensorScope;

class PretrainRunTest {
  private static final int VOCAB = 64;
  private static final int PAD = 0;
  private static final double CLOSE = 1e-5;

  private final TensorScope scope = TensorScope.open();
  private final PretrainRun run = run();
  private final Random random = new Random(5);

  private static PretrainRun run() {
    Generators.seed(1);
    var config = ModelConfig.minimind2(VOCAB, 32, 2, 4, 2, 0, 64, 1e6, null, 0);
    return new PretrainRun(Decoder.random(config, Device.CPU), null, "test", null);
  }

  @AfterEach
  void close() {
    scope.close();
    run.close();
  }

  private int[] document(int length) {
    return random.ints(length, 1, VOCAB).toArray();
  }

  /** Mean over the labels that count. */
  private double loss(Batch batch) {
    var loss = run.forward(batch);
    assertEquals(batch.supervisedTokens(), loss.weight());
    return loss.sum().item() / loss.weight();
  }

  private static Batch batch(Row... rows) {
    return Batch.of(List.of(rows), PAD, Cursor.START);
  }

  @Test
  void aPackedDocumentHasTheLossThatItHasAlone() {
    List<int[]> documents = List.of(document(9), document(1), document(14), document(5));
    int[] packed = documents.stream().flatMapToInt(Arrays::stream).toArray();
    int[] starts = {0, 9, 10, 24};
    for (int d : new int[] {0, 2, 3}) {
      double alone = loss(batch(Row.of(documents.get(d), documents.get(d))));
      int[] labels = labelsOf(packed, starts[d] + 1, starts[d] + documents.get(d).length);
      assertEquals(alone, loss(batch(new Row(packed, labels, starts))), CLOSE);
      // Without the borders it would see its neighbours; the first has none before it.
      double unmasked = loss(batch(Row.of(packed, labels)));
      assertTrue(d == 0 || Math.abs(alone - unmasked) > 100 * CLOSE);
    }
  }

  private static int[] labelsOf(int[] ids, int from, int to) {
    return IntStream.range(0, ids.length)
        .map(t -> t >= from && t < to ? ids[t] : Row.IGNORED)
        .toArray();
  }

  @Test
  void packedRowsBesideEachOtherKeepTheirOwnBorders() {
    int[] a = document(12);
    int[] b = document(7);
    Row first = new Row(a, withIgnored(a, 4), new int[] {0, 4});
    Row second = new Row(b, withIgnored(b, 5), new int[] {0, 5});
    double apart = loss(batch(first)) * 10 + loss(batch(second)) * 5;
    assertEquals(apart / 15, loss(batch(first, second)), CLOSE);
  }

  private static int[] withIgnored(int[] ids, int at) {
    int[] labels = ids.clone();
    labels[at] = Row.IGNORED;
    return labels;
  }

  @Test
  void paddingToTheLongestRowIsTheSameAsPaddingToTheLongestPossible() {
    int[] a = document(11);
    int[] b = document(6);
    Batch tight = batch(Row.of(a, a), Row.of(b, b));
    assertEquals(11, tight.length());
    assertEquals(loss(tight), loss(padded(tight, 40)), CLOSE);
    double apart = loss(batch(Row.of(a, a))) * 10 + loss(batch(Row.of(b, b))) * 5;
    assertEquals(apart / 15, loss(tight), CLOSE);
  }

  private static Batch padded(Batch batch, int length) {
    var ids = new long[batch.rows() * length];
    var labels = new long[ids.length];
    Arrays.fill(ids, PAD);
    Arrays.fill(labels, Row.IGNORED);
    for (int row = 0; row < batch.rows(); row++) {
      System.arraycopy(batch.ids(), row * batch.length(), ids, row * length, batch.length());
      System.arraycopy(batch.labels(), row * batch.length(), labels, row * length, batch.length());
    }
    return new Batch(
        ids,
        labels,
        batch.rows(),
        length,
        batch.lengths(),
        batch.documentStarts(),
        batch.supervisedTokens(),
        batch.next());
  }

  @Test
  void rowsWithNothingToLearnFromWeighNothing() {
    int[] ids = document(5);
    int[] none = labelsOf(ids, 0, 0);
    var loss = run.forward(batch(Row.of(ids, none)));
    assertEquals(0, loss.weight());
    assertEquals(0, loss.sum().item());
    assertEquals(5, loss.tokens());
  }
}
