package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Collection;
import org.panamind.torch.ffi.Panamind;

/**
 * Reduces gradients over all ranks while the backward still runs, as torch's
 * DistributedDataParallel does (Li et al. 2020, arXiv:2006.15704), by c10d's own Reducer. Gradients
 * are gathered in buckets, and each bucket is sent off as soon as its last gradient is there.
 *
 * <pre>{@code
 * reducer.backward(loss, lastMicroBatch);   // only the last one of a step is reduced
 * }</pre>
 *
 * The gradients that have been collected before, by backwards that did not reduce, are part of what
 * is reduced. Afterwards all ranks hold the same gradients, bit for bit. Gradients are views into
 * the buckets. After a {@link DistributedException} only {@link #close} remains.
 */
public final class GradientReducer implements AutoCloseable {
  /**
   * How gradients are reduced.
   *
   * @param firstBucketBytes size of the bucket that is sent first, small so that sending starts
   *     early
   * @param bucketBytes size of the others; a larger tensor makes a bucket of its own
   * @param average whether to divide the sum by the number of ranks
   * @param findUnused whether a graph may leave parameters out; costs a walk over the graph and one
   *     more collective a backward
   */
  public record Settings(
      long firstBucketBytes, long bucketBytes, boolean average, boolean findUnused) {
    /**
     * Buckets of 4 MiB after a first one of 1 MiB, the mean over ranks, every parameter used.
     *
     * <p>Torch takes 25 MiB, for models of a gigabyte. What comes last, when no backward is left to
     * hide behind, is one bucket: of the 103 MB of a decoder of 26 million parameters (whose
     * embedding alone is one of 13 MB) 4 MiB hide 87 %, which is all but the embedding, and 25 MiB
     * 65 to 84 %, as {@code host bench --bucket_mib} measures between two processes over Gloo.
     */
    public static final Settings DEFAULT = new Settings(1 << 20, 4 << 20, true, false);

    /** Checks the bounds. */
    public Settings {
      if (firstBucketBytes < 1 || bucketBytes < 1) {
        throw new IllegalArgumentException(
            "buckets of " + firstBucketBytes + " and " + bucketBytes + " bytes, must be 1 or more");
      }
    }

    /** The same with the sum instead of the mean, for losses that are weighted beforehand. */
    public Settings withSum() {
      return new Settings(firstBucketBytes, bucketBytes, false, findUnused);
    }

    /** The same for graphs that may leave parameters out. */
    public Settings withUnused() {
      return new Settings(firstBucketBytes, bucketBytes, average, true);
    }

    /** The same with buckets of another size; the first is no larger. */
    public Settings withBuckets(long bytes) {
      return new Settings(Math.min(firstBucketBytes, bytes), bytes, average, findUnused);
    }
  }

  /**
   * Figures of one backward that reduced. Over NCCL the times are those of queuing, not of the
   * transfer.
   *
   * @param buckets all-reduces
   * @param bytes reduced
   * @param reducing time in which some bucket was under way
   * @param hidden the part of it before the last gradient was computed
   * @param backward time from the start until the last gradient
   */
  public record Figures(
      int buckets, long bytes, Duration reducing, Duration hidden, Duration backward) {
    /** Share of the reducing that cost no time, 0 to 1. */
    public double hiddenShare() {
      return reducing.isZero() ? 0 : (double) hidden.toNanos() / reducing.toNanos();
    }
  }

  private final ProcessGroup group;
  private final NativeHandle handle;

  private GradientReducer(ProcessGroup group, MemorySegment pointer) {
    this.group = group;
    handle = new NativeHandle("gradient reducer", pointer, Panamind::pm_reducer_free);
  }

  /**
   * A reducer for these parameters, which must be the same on all ranks, in the same order ({@link
   * SharedParameters} checks that).
   *
   * @param parameters leaves that collect gradients; each once; borrowed
   */
  public static GradientReducer open(
      ProcessGroup group, Collection<Tensor> parameters, Settings settings) {
    var scratch = Scratch.get();
    scratch.reset();
    var handles = scratch.handles(parameters.toArray(new Tensor[0]));
    Status.check(
        Panamind.pm_reducer_open(
            group.pointer(),
            handles,
            parameters.size(),
            settings.firstBucketBytes,
            settings.bucketBytes,
            settings.average ? 1 : 0,
            settings.findUnused ? 1 : 0,
            scratch.out));
    return new GradientReducer(group, scratch.out.get(ADDRESS, 0));
  }

  /**
   * Runs the backward of a one-element loss.
   *
   * @param synchronise whether to reduce; the same on all ranks. Else gradients are only collected
   * @throws DistributedException if the reduction failed or timed out
   */
  public void backward(Tensor loss, boolean synchronise) {
    if (!synchronise) {
      loss.backward();
      return;
    }
    prepare(loss);
    try {
      loss.backward();
    } catch (DistributedException e) {
      // c10d's Reducer itself sends the list of parameters that were used, and says less.
      if (e.getMessage().contains(" of rank ")) throw e;
      throw new DistributedException(
          "all_reduce of the list of parameters used (of rank %d of %d over %s) failed, time-out %.1f s: %s"
              .formatted(
                  group.rank(),
                  group.size(),
                  group.backend().torchName(),
                  group.timeout().toMillis() / 1e3,
                  e.getMessage()));
    }
  }

  /**
   * Says that the next backward, from this root, is to reduce. What {@link #backward} does, for
   * callers that run the backward themselves.
   */
  public void prepare(Tensor root) {
    var scratch = Scratch.get();
    scratch.reset();
    var roots = scratch.handles(new Tensor[] {root});
    Status.check(Panamind.pm_reducer_prepare(handle.get(), roots, 1));
  }

  /**
   * Holds this thread until the latest reduction is done; over Gloo it is when the backward
   * returns.
   *
   * @throws DistributedException if it failed or the time passed
   */
  public void await(Duration timeout) {
    Status.check(Panamind.pm_reducer_wait(handle.get(), Math.max(1, timeout.toMillis())));
  }

  /** Figures of the latest backward that reduced; zeros before the first. */
  public Figures figures() {
    try (var arena = Arena.ofConfined()) {
      var out = arena.allocate(JAVA_LONG, 5);
      Status.check(Panamind.pm_reducer_stats(handle.get(), out, 5));
      return new Figures(
          (int) out.getAtIndex(JAVA_LONG, 0),
          out.getAtIndex(JAVA_LONG, 1),
          Duration.ofNanos(out.getAtIndex(JAVA_LONG, 2)),
          Duration.ofNanos(out.getAtIndex(JAVA_LONG, 3)),
          Duration.ofNanos(out.getAtIndex(JAVA_LONG, 4)));
    }
  }

  /** Ends the reducer; parameters and gradients stay. */
  @Override
  public void close() {
    handle.close();
  }
}
