package org.panamind.stage.train;

import java.util.Optional;
import org.panamind.dataset.order.Cursor;

/**
 * Batches one after another, prepared ahead on threads of its own. For one reader.
 *
 * @param <B> what the stage calls a batch
 */
public interface Batches<B> extends AutoCloseable {
  /** The next batch, waiting for it if need be; nothing after the last. */
  Optional<B> next();

  /** Where the data goes on after the batches that {@link #next} has given. */
  Cursor cursor();

  /** Ends the threads. */
  @Override
  void close();
}
