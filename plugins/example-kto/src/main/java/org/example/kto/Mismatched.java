package org.example.kto;

import java.util.ArrayList;
import java.util.List;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;

/** Prompts with the answers of other prompts, from which the paper estimates the divergence. */
final class Mismatched {
  private Mismatched() {}

  /** Row i's prompt with the answer of the row that stands {@code shift} behind it. */
  static Batch of(Batch batch, int shift) {
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      rows.add(joined(batch, row, (row + shift) % batch.rows()));
    }
    return Batch.of(rows, 0, batch.next());
  }

  private static Row joined(Batch batch, int prompt, int answer) {
    int cut = firstLabel(batch, prompt);
    int from = firstLabel(batch, answer);
    int said = batch.lengths()[answer] - from;
    int[] ids = new int[cut + said];
    int[] labels = new int[ids.length];
    for (int t = 0; t < ids.length; t++) {
      boolean answers = t >= cut;
      int at = answers ? answer * batch.length() + from + t - cut : prompt * batch.length() + t;
      ids[t] = (int) batch.ids()[at];
      labels[t] = answers ? (int) batch.labels()[at] : Row.IGNORED;
    }
    return Row.of(ids, labels);
  }

  /** Where a row's answer begins, its end when it was cut before. */
  private static int firstLabel(Batch batch, int row) {
    int t = 0;
    while (t < batch.lengths()[row] && batch.labels()[row * batch.length() + t] == Row.IGNORED) t++;
    return t;
  }
}
