package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.panamind.torch.ffi.Panamind;

/**
 * What a tensor says of itself, in the order of pm_tensor_info. Asked anew each time: operators
 * like {@code resize_} change it, and a native call is far cheaper than any operator.
 */
final class Metadata {
  static final int DTYPE = 0;
  static final int DEVICE_TYPE = 1;
  static final int DEVICE_INDEX = 2;
  static final int REQUIRES_GRAD = 3;
  static final int CONTIGUOUS = 4;
  static final int NUMEL = 6;
  static final int AXES = 8;

  private static final int SIZES = 9;

  /** LibTorch's own iterators take no more. */
  private static final int MAX_AXES = 64;

  private static final int CAPACITY = SIZES + 2 * MAX_AXES;

  /** Bytes of the place that all of it needs. */
  static final long BYTES = 8L * CAPACITY;

  private Metadata() {}

  private static MemorySegment read(Tensor tensor, int count) {
    var info = Scratch.get().info;
    Status.check(Panamind.pm_tensor_info(tensor.pointer(), info, count));
    return info;
  }

  /** One number, by its place. */
  static long get(Tensor tensor, int index) {
    return read(tensor, index + 1).getAtIndex(JAVA_LONG, index);
  }

  static long[] sizes(Tensor tensor) {
    return axes(tensor, false);
  }

  static long[] strides(Tensor tensor) {
    return axes(tensor, true);
  }

  private static long[] axes(Tensor tensor, boolean strides) {
    var info = read(tensor, CAPACITY);
    long count = info.getAtIndex(JAVA_LONG, AXES);
    if (count > MAX_AXES) {
      throw new TorchException("a tensor has " + count + " axes, more than " + MAX_AXES);
    }
    var axes = new long[(int) count];
    long from = 8L * (SIZES + (strides ? count : 0));
    MemorySegment.copy(info, JAVA_LONG, from, axes, 0, axes.length);
    return axes;
  }
}
