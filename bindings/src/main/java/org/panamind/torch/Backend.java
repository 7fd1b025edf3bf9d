package org.panamind.torch;

import java.util.Locale;
import org.panamind.torch.ffi.Panamind;

/** What carries the collectives of a {@link ProcessGroup}. */
public enum Backend {
  /** For CPU tensors, over TCP. */
  GLOO(Panamind.PM_FEATURE_GLOO()),
  /** For CUDA tensors, one process for each GPU. */
  NCCL(Panamind.PM_FEATURE_NCCL());

  private final int feature;

  Backend(int feature) {
    this.feature = feature;
  }

  /** The backend for tensors of a device. */
  public static Backend of(Device device) {
    return device.isCuda() ? NCCL : GLOO;
  }

  /** Whether the native library was built with it. */
  public boolean isAvailable() {
    NativeLibrary.enter();
    return (Panamind.pm_features() & feature) != 0;
  }

  /** c10d's name, as in {@code --backend gloo}. */
  public String torchName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
