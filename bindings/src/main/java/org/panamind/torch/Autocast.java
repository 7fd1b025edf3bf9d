package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import org.panamind.torch.ffi.Panamind;

/**
 * Computes matrix products of this thread in a smaller type while open, as torch's autocast does:
 * weights stay float32, their casts are cached until the outermost region closes.
 */
public final class Autocast implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private final Device.Type device;
  private final int enabledBefore;
  private final int typeBefore;
  private boolean closed;

  private Autocast(Device.Type device, boolean enabled, DType type) {
    this.device = device;
    var scratch = Scratch.get();
    Status.check(
        Panamind.pm_set_autocast(
            device.number(), enabled ? 1 : 0, type.number(), scratch.out, scratch.out.asSlice(4)));
    enabledBefore = scratch.out.get(JAVA_INT, 0);
    typeBefore = scratch.out.get(JAVA_INT, 4);
    Status.check(Panamind.pm_autocast_nesting(1));
  }

  /**
   * Enters a region.
   *
   * @param type bfloat16 or float16; float32 turns autocast off within the region
   * @throws IllegalArgumentException if the type is none of these
   */
  public static Autocast enter(Device device, DType type) {
    if (type != DType.BFLOAT16 && type != DType.FLOAT16 && type != DType.FLOAT32) {
      throw new IllegalArgumentException(
          "autocast computes in bfloat16, float16 or float32 (off), not in " + type);
    }
    boolean enabled = type != DType.FLOAT32;
    return new Autocast(device.type(), enabled, enabled ? type : DType.BFLOAT16);
  }

  /** Restores what was before; a second call does nothing. */
  @Override
  public void close() {
    if (closed) return;
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("autocast belongs to thread " + thread.getName());
    }
    closed = true;
    var scratch = Scratch.get();
    Status.check(Panamind.pm_autocast_nesting(-1));
    Status.check(
        Panamind.pm_set_autocast(
            device.number(), enabledBefore, typeBefore, scratch.out, scratch.out.asSlice(4)));
  }
}
