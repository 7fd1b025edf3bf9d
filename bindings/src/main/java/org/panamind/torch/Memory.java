package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.panamind.torch.ffi.Panamind;

/**
 * Tensor memory of a device.
 *
 * @param inUse bytes of live tensors
 * @param peak most bytes of live tensors since the start or {@link #resetPeak}
 * @param held bytes taken from the system, those kept for reuse included
 */
public record Memory(long inUse, long peak, long held) {
  /** The figures now. */
  public static Memory of(Device device) {
    var scratch = Scratch.get();
    scratch.reset();
    var figures = scratch.bytes(24);
    Status.check(Panamind.pm_memory(device.type().number(), device.index(), figures));
    return new Memory(
        figures.getAtIndex(JAVA_LONG, 0),
        figures.getAtIndex(JAVA_LONG, 1),
        figures.getAtIndex(JAVA_LONG, 2));
  }

  /** Lets {@link #peak} start anew from what is in use. */
  public static void resetPeak(Device device) {
    NativeLibrary.enter();
    Status.check(Panamind.pm_reset_peak_memory(device.type().number(), device.index()));
  }

  /** Gives blocks kept for reuse back to the system. */
  public static void emptyCache(Device device) {
    NativeLibrary.enter();
    Status.check(Panamind.pm_empty_cache(device.type().number(), device.index()));
  }

  /**
   * Fails the n-th CPU allocation from now with {@link TorchOutOfMemoryException}; 0 switches this
   * off. For tests.
   */
  public static void failAllocation(long n) {
    NativeLibrary.enter();
    Status.check(Panamind.pm_fault_allocation(n));
  }
}
