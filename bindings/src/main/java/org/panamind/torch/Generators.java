package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.panamind.torch.ffi.Panamind;

/** The default random generators of LibTorch: one for the CPU, one for each GPU. */
public final class Generators {
  private Generators() {}

  /** Seeds the generators of the CPU and of all GPUs. */
  public static void seed(long seed) {
    NativeLibrary.enter();
    Status.check(Panamind.pm_seed(seed));
  }

  /** The state of a device's generator, a uint8 CPU tensor owned by the current scope. */
  public static Tensor state(Device device) {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_generator_state(device.type().number(), device.index(), scratch.out));
    return Tensor.own(scratch.out.get(JAVA_LONG, 0));
  }

  /** Restores a state that {@link #state} gave. */
  public static void restore(Device device, Tensor state) {
    Status.check(
        Panamind.pm_set_generator_state(device.type().number(), device.index(), state.pointer()));
  }
}
