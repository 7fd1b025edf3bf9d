package org.panamind.stage.train;

import org.panamind.dataset.order.Cursor;

/**
 * The batches of a run. The order depends on the seed alone, not on ranks or threads.
 *
 * @param <B> what the stage calls a batch
 */
public interface TrainingData<B> {
  /** Batches that each rank gets in one epoch; the same on all ranks. */
  long batchesPerEpoch();

  /** This rank's training batches from a place in the data to the end of the last epoch. */
  Batches<B> training(Cursor from, long epochs);

  /** One pass over what is held out, in a fixed order, the same on every call; possibly empty. */
  Batches<B> heldOut();
}
