package org.panamind.stage.train;

import org.panamind.torch.DType;

/** The type of matrix products; weights, gradients and optimizer state are float32 always. */
public enum Precision {
  /** No autocast. */
  FLOAT32(DType.FLOAT32),
  /** Autocast to bfloat16. */
  BFLOAT16(DType.BFLOAT16),
  /** Autocast to float16 with gradient scaling. */
  FLOAT16(DType.FLOAT16);

  private final DType type;

  Precision(DType type) {
    this.type = type;
  }

  /** The tensor type. */
  public DType type() {
    return type;
  }
}
