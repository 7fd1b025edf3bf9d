package org.panamind.stage.math;

import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;

/**
 * The n supervised tokens of a batch, so that only their logits are computed.
 *
 * @param places [n] int64, where in the flattened [B * T] states the one stands that says each
 *     token: the position before it
 * @param targets [n] int64, the tokens
 * @param counts how many of them each row has, [B]
 */
public record Supervised(Tensor places, Tensor targets, long[] counts) {
  /** Finds them; the tensors are owned by the current scope. */
  public static Supervised of(Batch batch, Device device) {
    int length = batch.length();
    int count = Math.toIntExact(batch.supervisedTokens());
    var counts = new long[batch.rows()];
    var places = new long[count];
    var targets = new long[count];
    int n = 0;
    for (int i = 0; i < batch.labels().length; i++) {
      if (i % length == 0 || batch.labels()[i] == Row.IGNORED) continue;
      counts[i / length]++;
      places[n] = i - 1;
      targets[n++] = batch.labels()[i];
    }
    return new Supervised(
        Tensor.of(places, count).to(device), Tensor.of(targets, count).to(device), counts);
  }

  /**
   * The states that say them.
   *
   * @param hidden [B, T, C]
   * @return [n, C], with the gradient of {@code hidden}
   */
  public Tensor states(Tensor hidden) {
    return hidden.flatten(0, 1).indexSelect(0, places);
  }
}
