package org.panamind.stage.train;

import org.panamind.dataset.batch.Batch;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;

/** A batch's arrays as tensors on a device, owned by the current scope. */
public final class BatchTensors {
  private BatchTensors() {}

  /** Tokens, [B, T] int64. */
  public static Tensor ids(Batch batch, Device device) {
    return onDevice(batch.ids(), batch, device);
  }

  /** What to predict at each position, -100 for nothing, [B, T] int64. */
  public static Tensor labels(Batch batch, Device device) {
    return onDevice(batch.labels(), batch, device);
  }

  /**
   * The first position that each token sees, as {@link org.panamind.model.Decoder#forward} takes
   * it: in a packed row the beginning of its document.
   *
   * @return [B, T] int64; null when every row is one document, which needs no mask
   */
  public static Tensor firstKeys(Batch batch, Device device) {
    boolean packed = false;
    for (int[] starts : batch.documentStarts()) packed |= starts.length > 1;
    if (!packed) return null;
    var first = new long[batch.rows() * batch.length()];
    for (int row = 0; row < batch.rows(); row++) {
      int[] starts = batch.documentStarts()[row];
      for (int t = 0, document = 0; t < batch.length(); t++) {
        if (document + 1 < starts.length && t == starts[document + 1]) document++;
        first[row * batch.length() + t] = starts[document];
      }
    }
    return onDevice(first, batch, device);
  }

  private static Tensor onDevice(long[] values, Batch batch, Device device) {
    return Tensor.of(values, batch.rows(), batch.length()).to(device);
  }
}
