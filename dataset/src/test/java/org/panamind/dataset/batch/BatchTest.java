package org.panamind.dataset.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.Samples;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;

class BatchTest {
  @Test
  void padsToTheLongestRowAndIgnoresPaddingByItsPlace() {
    // Token 0 is padding; inside a row it is a token like any other.
    Row first = Row.of(new int[] {1, 0, 2}, new int[] {1, 0, 2});
    Row second = Row.of(new int[] {1, 2}, new int[] {Row.IGNORED, 2});
    Batch batch = Batch.of(List.of(first, second), 0, Cursor.START);
    assertEquals(2, batch.rows());
    assertEquals(3, batch.length());
    assertArrayEquals(new long[] {1, 0, 2, 1, 2, 0}, batch.ids());
    assertArrayEquals(new long[] {1, 0, 2, -100, 2, -100}, batch.labels());
    assertArrayEquals(new int[] {3, 2}, batch.lengths());
    assertEquals(3, batch.supervisedTokens());
    assertEquals(5, batch.tokens());
  }

  @Test
  void numbersTheDocumentsOfARow() {
    int[] ids = {1, 5, 2, 1, 2};
    Row packed = new Row(ids, ids, new int[] {0, 3});
    Row plain = Row.of(new int[] {1, 2}, new int[] {1, 2});
    long[] documents = Batch.of(List.of(packed, plain), 0, Cursor.START).documentIds();
    assertArrayEquals(new long[] {0, 0, 0, 1, 1, 0, 0, -1, -1, -1}, documents);
  }

  @Test
  void framesATextWithItsMarksAndCutsItToFit(@TempDir Path folder) {
    BpeTrainer.ofSize(259).train(List.of("a").iterator()).writeTo(folder);
    try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.load(folder)) {
      int a = tokenizer.encode("a")[0];
      Samples<String> texts = Numbered.of(List.of("aaa", "aaaaaa", "", "a<|endoftext|>"));
      Samples<Row> rows = PretrainRows.of(texts, tokenizer, 6);
      assertArrayEquals(new int[] {1, a, a, a, 2}, rows.get(0).ids());
      assertArrayEquals(new int[] {1, a, a, a, a, 2}, rows.get(1).ids());
      assertArrayEquals(new int[] {1, 2}, rows.get(2).ids());
      assertArrayEquals(new int[] {1, a, 0, 2}, rows.get(3).labels());
      assertArrayEquals(
          new int[] {1, a, a, a, a, a, a, 2}, PretrainRows.documents(texts, tokenizer).get(1));
      assertThrows(IllegalArgumentException.class, () -> PretrainRows.of(texts, tokenizer, 2));
    }
  }

  @Test
  void refusesRowsWhoseLabelsDoNotFit() {
    assertThrows(IllegalArgumentException.class, () -> Row.of(new int[2], new int[3]));
    assertThrows(IllegalArgumentException.class, () -> Row.of(new int[0], new int[0]));
  }
}
