package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.panamind.torch.ffi.Panamind;

/**
 * A collective that was started and runs beside the caller. Its tensors must not be touched before
 * {@link #await()}.
 */
public final class Collective implements AutoCloseable {
  private final NativeHandle handle;

  private Collective(MemorySegment pointer) {
    handle = new NativeHandle("collective", pointer, Panamind::pm_work_free);
  }

  /** A native function that starts one and writes its handle. */
  interface Start {
    int start(MemorySegment out);
  }

  static Collective start(Start start) {
    var scratch = Scratch.get();
    Status.check(start.start(scratch.out));
    return new Collective(scratch.out.get(ADDRESS, 0));
  }

  /**
   * Waits for the result. Over NCCL this does not hold the thread: what it queues on the device
   * later comes after the result.
   *
   * @throws DistributedException if it failed or the group's time-out passed
   */
  public void await() {
    Status.check(Panamind.pm_work_wait(handle.get(), 0));
  }

  /**
   * Holds this thread until the result is there, over any backend.
   *
   * @param timeout how long, at least a millisecond
   * @throws DistributedException if it failed or the time passed
   */
  public void await(Duration timeout) {
    Status.check(Panamind.pm_work_wait(handle.get(), Math.max(1, timeout.toMillis())));
  }

  /** Whether it has ended, well or not. */
  public boolean isCompleted() {
    var out = Scratch.get().out;
    Status.check(Panamind.pm_work_is_completed(handle.get(), out));
    return out.get(JAVA_INT, 0) != 0;
  }

  /** Ends this handle; the collective itself goes on. */
  @Override
  public void close() {
    handle.close();
  }

  /** Waits and ends the handle. */
  void finish() {
    try (this) {
      await();
    }
  }
}
