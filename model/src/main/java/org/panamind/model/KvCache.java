package org.panamind.model;

import java.util.ArrayList;
import java.util.List;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Nn;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * Keys and values of the tokens seen so far, one pair a layer, in memory that is taken once. For
 * use without gradients. Belongs to its maker, not to a scope.
 */
public final class KvCache implements AutoCloseable {
  private record Layer(Tensor keys, Tensor values) {}

  /** What attention looks at: [B, length, K, D] each, sharing memory with the cache. */
  record View(Tensor keys, Tensor values) {}

  private final List<Layer> layers = new ArrayList<>();
  private final long capacity;
  private long rows;
  private long length;

  /**
   * An empty cache.
   *
   * @param batch B, rows that are decoded together
   * @param capacity most tokens a row can hold
   * @param type of keys and values as the decoder computes them
   */
  public KvCache(ModelConfig config, long batch, long capacity, DType type, Device device) {
    this.capacity = capacity;
    this.rows = batch;
    long[] shape = {batch, capacity, config.kvHeadCount(), config.headWidth()};
    for (int i = 0; i < config.layerCount(); i++) {
      layers.add(
          new Layer(
              Torch.empty(type, device, shape).keepForever(),
              Torch.empty(type, device, shape).keepForever()));
    }
  }

  /** Tokens held for each row. */
  public long length() {
    return length;
  }

  /**
   * Writes the new tokens' keys and values behind those held; {@link #advance} makes them count.
   */
  View append(int layer, Tensor keys, Tensor values) {
    long count = keys.size(1);
    if (length + count > capacity) {
      throw new ModelConfigException(
          "the cache holds %d of %d tokens and cannot take %d more"
              .formatted(length, capacity, count));
    }
    var held = layers.get(layer);
    return new View(
        Nn.cacheAppend(held.keys, keys, length), Nn.cacheAppend(held.values, values, length));
  }

  void advance(long count) {
    length += count;
  }

  /** Rows that are decoded together. */
  public long rows() {
    return rows;
  }

  /**
   * Copies rows to more places.
   *
   * @param from the row that comes to each place, at most as many as the cache was made for; one
   *     that stands at a later place than its own is refused
   */
  public void spreadRows(long[] from) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      // From the last place on: what a row is written over by has been copied to where it goes.
      for (int to = from.length - 1; to >= 0; to--) {
        if (from[to] < 0 || from[to] > to || from[to] >= rows) throw cannotMove(from[to], to);
        if (from[to] != to) moveRow(from[to], to);
      }
    }
    rows = from.length;
  }

  private ModelConfigException cannotMove(long from, int to) {
    return new ModelConfigException(
        "row %d of %d cannot come to place %d".formatted(from, rows, to));
  }

  /**
   * Keeps some rows; the others' memory stays unused. Only rows that change their place are copied.
   *
   * @param kept the row that comes to each place; one that stands at a later place than its own is
   *     refused, since its memory may be written over by then
   */
  public void keepRows(long[] kept) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      for (int to = 0; to < kept.length; to++) {
        if (kept[to] < to || kept[to] >= rows) throw cannotMove(kept[to], to);
        if (kept[to] != to) moveRow(kept[to], to);
      }
    }
    rows = kept.length;
  }

  private void moveRow(long from, long to) {
    for (var layer : layers) {
      layer
          .keys
          .select(0, to)
          .narrow(0, 0, length)
          .copy_(layer.keys.select(0, from).narrow(0, 0, length));
      layer
          .values
          .select(0, to)
          .narrow(0, 0, length)
          .copy_(layer.values.select(0, from).narrow(0, 0, length));
    }
  }

  /** Forgets all tokens; the memory stays. */
  public void clear() {
    truncate(0);
  }

  /**
   * Forgets all but the first tokens; the memory stays.
   *
   * @param kept how many stay, at most {@link #length}
   */
  public void truncate(long kept) {
    if (kept < 0 || kept > length) {
      throw new ModelConfigException(
          "the cache holds %d tokens and cannot keep %d".formatted(length, kept));
    }
    length = kept;
  }

  /** Frees the memory. */
  @Override
  public void close() {
    for (var layer : layers) {
      layer.keys.close();
      layer.values.close();
    }
    layers.clear();
  }
}
