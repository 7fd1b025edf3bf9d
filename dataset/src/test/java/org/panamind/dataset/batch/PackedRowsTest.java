package org.panamind.dataset.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.Samples;
import org.panamind.dataset.order.SampleOrder;

class PackedRowsTest {
  private static final int BOS = 1;
  private static final int EOS = 2;

  private static List<int[]> documents(Random random, int count, int longest) {
    List<int[]> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] document = random.ints(2 + random.nextInt(longest), 3, 99).toArray();
      document[0] = BOS;
      document[document.length - 1] = EOS;
      documents.add(document);
    }
    return documents;
  }

  private static PackedRows pack(List<int[]> documents, SampleOrder order, int rowLength) {
    Samples<int[]> samples = Numbered.of(documents);
    return new PackedRows(samples, DocumentLengths.count(samples), order, rowLength);
  }

  @Test
  void laysDocumentsOutInFullRowsThatShareOneToken() {
    List<int[]> documents = List.of(new int[] {1, 5, 6, 2}, new int[] {1, 7, 2}, new int[] {1, 2});
    PackedRows rows = pack(documents, SampleOrder.asNumbered(3), 4);
    assertEquals(3, rows.rowsPerEpoch());
    assertArrayEquals(new int[] {1, 5, 6, 2}, rows.row(0, 0).ids());
    assertArrayEquals(new int[] {2, 1, 7, 2}, rows.row(0, 1).ids());
    assertArrayEquals(new int[] {2, -100, 7, 2}, rows.row(0, 1).labels());
    assertArrayEquals(new int[] {0, 1}, rows.row(0, 1).documentStarts());
    assertArrayEquals(new int[] {2, 1, 2}, rows.row(0, 2).ids());
  }

  @Test
  void predictsEveryTokenExactlyOnceAndThrowsNothingAway() {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      List<int[]> documents = documents(random, 1 + random.nextInt(30), 1 + random.nextInt(40));
      SampleOrder order = SampleOrder.shuffled(documents.size(), round);
      int length = 2 + random.nextInt(20);
      PackedRows rows = pack(documents, order, length);
      long epoch = random.nextInt(4);
      List<Integer> stream = new ArrayList<>();
      long supervised = 0;
      for (long k = 0; k < rows.rowsPerEpoch(); k++) {
        Row row = rows.row(epoch, k);
        assertTrue(row.length() == length || k + 1 == rows.rowsPerEpoch());
        for (int t = k == 0 ? 0 : 1; t < row.length(); t++) {
          stream.add(row.ids()[t]);
        }
        supervised += IntStream.range(1, row.length()).filter(t -> row.labels()[t] != -100).count();
        for (int start : row.documentStarts()) {
          assertTrue(start == 0 || row.ids()[start] == BOS);
        }
      }
      List<Integer> expected = new ArrayList<>();
      for (long at = 0; at < order.size(); at++) {
        IntStream.of(documents.get((int) order.at(epoch, at))).forEach(expected::add);
      }
      assertEquals(expected, stream, "round " + round);
      assertEquals(expected.size() - documents.size(), supervised, "round " + round);
    }
  }

  @Test
  void givesTheSameRowWhateverWasAskedBefore() {
    List<int[]> documents = documents(new Random(6), 300, 90);
    SampleOrder order = SampleOrder.shuffled(300, 1);
    PackedRows one = pack(documents, order, 32);
    PackedRows other = pack(documents, order, 32);
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      long epoch = random.nextInt(4);
      long position = random.nextLong(one.rowsPerEpoch());
      assertArrayEquals(other.row(epoch, position).ids(), one.row(epoch, position).ids());
      other.row(random.nextInt(4), random.nextLong(one.rowsPerEpoch()));
    }
  }

  @Test
  void keepsLengthsForTheNextRunUntilTheKeyChanges(@TempDir Path folder) throws IOException {
    List<int[]> documents = documents(new Random(8), 50, 20);
    Path file = folder.resolve("my.jsonl.lengths");
    long tokens = DocumentLengths.cached(file, "a", Numbered.of(documents)).tokens();
    Samples<int[]> unreadable =
        Numbered.of(documents)
            .map(
                document -> {
                  throw new IllegalStateException("made again");
                });
    assertEquals(tokens, DocumentLengths.cached(file, "a", unreadable).tokens());
    assertThrows(IllegalStateException.class, () -> DocumentLengths.cached(file, "b", unreadable));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 3));
    assertEquals(tokens, DocumentLengths.cached(file, "a", Numbered.of(documents)).tokens());
    assertEquals(whole.length, Files.size(file));
    Path inTheWay = Files.createDirectories(folder.resolve("dir").resolve("x")).getParent();
    assertEquals(tokens, DocumentLengths.cached(inTheWay, "a", Numbered.of(documents)).tokens());
    assertFalse(Files.isRegularFile(inTheWay));
  }

  @Test
  void tellsWhenDocumentsAreNotThoseThatWereCounted() {
    List<int[]> documents = new ArrayList<>(documents(new Random(9), 5, 9));
    PackedRows rows = pack(documents, SampleOrder.asNumbered(5), 8);
    documents.set(0, new int[documents.get(0).length + 1]);
    DataException error = assertThrows(DataException.class, () -> rows.row(0, 0));
    assertTrue(error.getMessage().contains("document 0 has"), error.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> pack(documents, SampleOrder.asNumbered(4), 8));
    assertThrows(
        DataException.class, () -> pack(List.of(new int[] {1}), SampleOrder.asNumbered(1), 8));
  }
}
