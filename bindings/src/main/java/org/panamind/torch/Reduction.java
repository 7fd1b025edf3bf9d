package org.panamind.torch;

import org.panamind.torch.ffi.Panamind;

/** How the elements of all ranks become one. */
public enum Reduction {
  /** Their sum. */
  SUM(Panamind.PM_REDUCE_SUM()),
  /** The largest. */
  MAX(Panamind.PM_REDUCE_MAX()),
  /** The smallest. */
  MIN(Panamind.PM_REDUCE_MIN());

  private final int number;

  Reduction(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
