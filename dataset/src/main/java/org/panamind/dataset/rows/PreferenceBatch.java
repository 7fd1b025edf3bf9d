package org.panamind.dataset.rows;

import java.util.List;
import java.util.stream.Stream;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.order.Cursor;

/**
 * B pairs as 2B rows padded alike: all chosen ones, then all rejected ones in the same order.
 *
 * @param rows [2B, T]; {@link Batch#next} says where the data goes on
 * @param samples the pairs' numbers, [B]
 */
public record PreferenceBatch(Batch rows, long[] samples) {
  /** How pairs are put side by side. */
  public static final BatchForm<PreferencePair, PreferenceBatch> FORM =
      new BatchForm<>() {
        @Override
        public PreferenceBatch of(List<PreferencePair> pairs, int padId, Cursor next) {
          return new PreferenceBatch(
              Batch.of(
                  Stream.concat(
                          pairs.stream().map(PreferencePair::chosen),
                          pairs.stream().map(PreferencePair::rejected))
                      .toList(),
                  padId,
                  next),
              pairs.stream().mapToLong(PreferencePair::sample).toArray());
        }

        @Override
        public PreferencePair ignored(PreferencePair pair) {
          return new PreferencePair(
              BatchForm.ROWS.ignored(pair.chosen()),
              BatchForm.ROWS.ignored(pair.rejected()),
              pair.sample());
        }
      };

  /** B. */
  public int pairs() {
    return samples.length;
  }
}
