package org.panamind.dataset.batch;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.panamind.dataset.DataException;
import org.panamind.dataset.order.Cursor;

/**
 * Makes batches on threads of its own, ahead of the one that trains. The sequence of batches is the
 * same for any number of threads, and an error comes at the batch it belongs to. {@link #next},
 * {@link #cursor} and {@link #close} are for one thread.
 *
 * <p>Threads are told to end, never interrupted: an interrupt would close files that others read.
 *
 * @param <B> what a batch is: {@link Batch} for rows of tokens
 */
public final class BatchLoader<B> implements AutoCloseable {
  private final Function<Cursor, B> make;
  private final UnaryOperator<Cursor> after;
  private final long endEpoch;
  private final int ahead;
  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Long, Result<B>> ready = new HashMap<>();
  private final Thread[] workers;
  private Cursor toMake;
  private long made;
  private long given;
  private Cursor cursor;
  private boolean closed;

  private sealed interface Result<B> {
    record Made<B>(B batch, Cursor next) implements Result<B> {}

    record Failed<B>(Throwable reason) implements Result<B> {}
  }

  private record Task(long number, Cursor from) {}

  /**
   * How many threads make batches, and how far they may run ahead.
   *
   * @param workers platform threads, at least 1
   * @param ahead batches that may wait or be in the making, at least 1
   */
  public record Prefetch(int workers, int ahead) {
    /** Enough on two processors: making batches is far cheaper than training on them. */
    public static final Prefetch DEFAULT = new Prefetch(2, 8);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public Prefetch {
      if (workers < 1 || ahead < 1) {
        throw new IllegalArgumentException(
            "prefetch needs at least 1 worker and 1 batch, these are %d and %d"
                .formatted(workers, ahead));
      }
    }
  }

  /**
   * Starts loading batches of {@link Row}s.
   *
   * @param start the first batch's place; a place at an epoch's end is the next one's beginning
   * @param epochs how many epochs the run has in all; the loader ends after them
   * @throws DataException if {@code start} lies beyond the data
   */
  public static BatchLoader<Batch> of(
      RowSource<Row> rows, BatchPlan plan, Cursor start, long epochs, Prefetch prefetch) {
    return new BatchLoader<>(rows, BatchForm.ROWS, plan, start, epochs, prefetch);
  }

  /**
   * Starts loading batches of any kind of row.
   *
   * @param form how rows are put side by side
   * @param start the first batch's place; a place at an epoch's end is the next one's beginning
   * @param epochs how many epochs the run has in all; the loader ends after them
   * @param <R> what a row is
   * @throws DataException if {@code start} lies beyond the data
   */
  public <R> BatchLoader(
      RowSource<R> rows,
      BatchForm<R, B> form,
      BatchPlan plan,
      Cursor start,
      long epochs,
      Prefetch prefetch) {
    if (start.position() > rows.rowsPerEpoch()) {
      throw new DataException(
          "the run stopped at row %d of an epoch, but the data has only %d rows: it is not the data the run began with"
              .formatted(start.position(), rows.rowsPerEpoch()));
    }
    boolean ended = start.position() == rows.rowsPerEpoch();
    this.make = from -> plan.make(rows, form, from);
    this.after = from -> plan.after(rows, from);
    this.endEpoch = epochs;
    this.ahead = prefetch.ahead();
    this.toMake = ended ? new Cursor(start.epoch() + 1, 0) : start;
    this.cursor = toMake;
    this.workers = new Thread[prefetch.workers()];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = Thread.ofPlatform().daemon().name("batch-loader-" + i).start(this::work);
    }
  }

  private void work() {
    for (Task task = claim(); task != null; task = claim()) {
      Result<B> result;
      try {
        result = new Result.Made<>(make.apply(task.from), after.apply(task.from));
      } catch (RuntimeException | Error e) {
        result = new Result.Failed<>(e);
      }
      deliver(task.number, result);
    }
  }

  /** Waits for room, then takes the next batch to make; null when there is none to come. */
  private Task claim() {
    lock.lock();
    try {
      while (!closed && toMake.epoch() < endEpoch && made >= given + ahead) {
        changed.awaitUninterruptibly();
      }
      if (closed || toMake.epoch() >= endEpoch) {
        return null;
      }
      Task task = new Task(made++, toMake);
      toMake = after.apply(toMake);
      return task;
    } finally {
      lock.unlock();
    }
  }

  private void deliver(long number, Result<B> result) {
    lock.lock();
    try {
      ready.put(number, result);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next batch, waiting for it if need be; nothing after the last epoch.
   *
   * @throws RuntimeException whatever making this batch threw, {@link DataException} among it; the
   *     loader stays at this batch
   * @throws IllegalStateException if the loader is closed
   */
  public Optional<B> next() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the loader is closed");
      }
      if (cursor.epoch() >= endEpoch) {
        return Optional.empty();
      }
      while (!ready.containsKey(given)) {
        changed.awaitUninterruptibly();
      }
      return Optional.of(take());
    } finally {
      lock.unlock();
    }
  }

  private B take() {
    return switch (ready.get(given)) {
      case Result.Made<B>(B batch, Cursor next) -> {
        ready.remove(given++);
        cursor = next;
        changed.signalAll();
        yield batch;
      }
      case Result.Failed<B>(Error e) -> throw e;
      case Result.Failed<B>(RuntimeException e) -> throw e;
      case Result.Failed<B>(Throwable e) -> throw new IllegalStateException(e);
    };
  }

  /** Where the data goes on after the batches that {@link #next} has given, for a checkpoint. */
  public Cursor cursor() {
    return cursor;
  }

  /** Ends the threads, after the batches they are at, and drops what waits. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      ready.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
