package org.panamind.host.train;

import org.panamind.dataset.order.Cursor;

/** How far a run has come. */
final class Progression {
  private long updates;
  private long microBatches;
  private Cursor cursor = Cursor.START;
  private int badInARow;
  private long skipped;

  long updates() {
    return updates;
  }

  long microBatches() {
    return microBatches;
  }

  /** Where the data goes on after the latest update. */
  Cursor cursor() {
    return cursor;
  }

  int badInARow() {
    return badInARow;
  }

  long skipped() {
    return skipped;
  }

  void microBatch() {
    microBatches++;
  }

  void dataAt(Cursor next) {
    cursor = next;
  }

  /** An overflow that the loss scale answers for is skipped but is no sign of divergence. */
  void updated(Verdict verdict, boolean scalesFault) {
    updates++;
    if (verdict != Verdict.TAKEN) skipped++;
    if (verdict != Verdict.NOT_FINITE) badInARow = 0;
    else if (!scalesFault) badInARow++;
  }

  void restore(Checkpoint from) {
    updates = from.step();
    microBatches = from.microBatches();
    cursor = from.cursor();
    badInARow = from.badUpdates();
    skipped = from.skippedUpdates();
  }
}
