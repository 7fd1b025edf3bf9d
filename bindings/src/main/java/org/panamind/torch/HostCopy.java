package org.panamind.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.panamind.torch.ffi.Panamind;

/** Copies between Java's memory and tensors, row-major. */
final class HostCopy {
  /** Below this the thread's own memory serves; above, memory for this one copy. */
  private static final long SMALL = 4096;

  private HostCopy() {}

  /** A CPU tensor; without a shape it has one axis of {@code count} elements. */
  static Tensor in(MemorySegment data, DType type, long count, long[] shape) {
    return in(data, type, shape.length == 0 ? new long[] {count} : shape);
  }

  /** A CPU tensor of exactly this shape. */
  static Tensor in(MemorySegment data, DType type, long[] shape) {
    var scratch = Scratch.get();
    scratch.reset();
    if (data.isNative()) return in(scratch, data, type, shape);
    long bytes = data.byteSize();
    if (bytes <= SMALL) return in(scratch, scratch.bytes(bytes).copyFrom(data), type, shape);
    try (var arena = Arena.ofConfined()) {
      return in(scratch, arena.allocate(bytes, 8).copyFrom(data), type, shape);
    }
  }

  private static Tensor in(Scratch scratch, MemorySegment data, DType type, long[] shape) {
    var sizes = scratch.longs(shape);
    Status.check(
        Panamind.pm_tensor_from_host(
            data, data.byteSize(), type.number(), sizes, shape.length, scratch.out));
    return Tensor.ownOut(scratch);
  }

  /** Shows the reader the elements as {@code type}, for as long as it runs. */
  static void out(Tensor tensor, DType type, Consumer<MemorySegment> reader) {
    try (var inner = TensorScope.open();
        var arena = Arena.ofConfined()) {
      var segment = arena.allocate(tensor.numel() * type.bytes(), 8);
      tensor.detach().to(type).copyTo(segment);
      reader.accept(segment);
    }
  }
}
