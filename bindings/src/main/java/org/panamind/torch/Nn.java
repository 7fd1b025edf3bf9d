package org.panamind.torch;

/** Functions of neural networks that are no method of a tensor. */
public final class Nn {
  private static final Op LINEAR = Op.of("aten::linear");
  private static final Op LINEAR_WITHOUT_BIAS = Op.of("panamind::linear");
  private static final Op EMBEDDING = Op.of("aten::embedding");
  private static final Op DROPOUT = Op.of("aten::dropout");
  private static final Op CROSS_ENTROPY = Op.of("aten::cross_entropy_loss");

  private static final Op RMS_NORM = Op.of("panamind::rms_norm");
  private static final Op ROPE = Op.of("panamind::rope");
  private static final Op SWIGLU = Op.of("panamind::swiglu");
  private static final Op ATTENTION = Op.of("panamind::attention");
  private static final Op CACHE_APPEND = Op.of("panamind::cache_append");
  private static final Op LINEAR_CROSS_ENTROPY = Op.of("panamind::linear_cross_entropy");

  private static final Op LINEAR_LOG_PROBS = Op.of("panamind::linear_log_probs");

  private static final int MEAN = 1;
  private static final int SUM = 2;

  private Nn() {}

  /**
   * {@code x @ weight^T + bias}.
   *
   * @param x [..., in]
   * @param weight [out, in]
   * @param bias [out] or null
   * @return [..., out]
   */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return bias == null ? LINEAR_WITHOUT_BIAS.tensor(x, weight) : LINEAR.tensor(x, weight, bias);
  }

  /**
   * Rows of a table.
   *
   * @param weight [rows, width]
   * @param ids int64, any shape
   * @return [ids' shape, width]
   */
  public static Tensor embedding(Tensor weight, Tensor ids) {
    return EMBEDDING.tensor(weight, ids);
  }

  /**
   * Zeroes elements with a probability and scales the rest up; returns {@code x} itself when
   * nothing is dropped.
   */
  public static Tensor dropout(Tensor x, double probability, boolean training) {
    return probability == 0 || !training ? x : DROPOUT.tensor(x, probability, true);
  }

  /**
   * Mean cross-entropy of classes, in nats.
   *
   * @param logits [rows, classes]
   * @param targets [rows] int64; rows with {@code ignored} do not count
   * @return no axis; NaN when no row counts
   */
  public static Tensor crossEntropy(Tensor logits, Tensor targets, long ignored) {
    return CROSS_ENTROPY.tensor(logits, targets, null, MEAN, ignored, 0.0);
  }

  /** The same, summed over the rows that count; 0 when none does. */
  public static Tensor crossEntropySum(Tensor logits, Tensor targets, long ignored) {
    return CROSS_ENTROPY.tensor(logits, targets, null, SUM, ignored, 0.0);
  }

  /**
   * Root mean square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467): {@code x /
   * sqrt(mean(x^2) + eps) * weight} over the last axis, computed in float32.
   *
   * @param x [..., C]
   * @param weight [C]
   * @return [..., C] of x's type
   */
  public static Tensor rmsNorm(Tensor x, Tensor weight, double eps) {
    return RMS_NORM.tensor(x, weight, eps);
  }

  /**
   * Rotary position embedding (Su et al. 2021, arXiv:2104.09864) with the halves of a head as
   * pairs.
   *
   * @param x [B, T, H, D]
   * @param cos [T, D] or [B, T, D] float32, both halves equal
   * @param sin like {@code cos}
   * @return [B, T, H, D] of x's type
   */
  public static Tensor rope(Tensor x, Tensor cos, Tensor sin) {
    return ROPE.tensor(x, cos, sin);
  }

  /** {@code silu(gate) * up} (Shazeer 2020, arXiv:2002.05202); both of one shape. */
  public static Tensor swiglu(Tensor gate, Tensor up) {
    return SWIGLU.tensor(gate, up);
  }

  /**
   * Causal attention with shared key/value heads (Ainslie et al. 2023, arXiv:2305.13245), scaled by
   * the root of D. The last query sees the last key, so with a cache of earlier keys nothing more
   * need be said.
   *
   * @param q [B, Tq, H, D]
   * @param k [B, Tk, K, D], Tk at least Tq, K a divisor of H
   * @param v like {@code k}
   * @param firstKey [B, Tq] int64, the first key that each query sees (left padding, packed
   *     documents); null for all
   * @return [B, Tq, H, D]
   */
  public static Tensor attention(Tensor q, Tensor k, Tensor v, Tensor firstKey) {
    return ATTENTION.tensor(q, k, v, firstKey);
  }

  /**
   * Writes keys or values behind those that a cache holds.
   *
   * @param cache [B, capacity, K, D], changed
   * @param x [b, T, K, D] for its first b rows
   * @param length tokens that each row of the cache holds; with T more they must fit
   * @return [b, length + T, K, D], sharing memory with the cache
   */
  public static Tensor cacheAppend(Tensor cache, Tensor x, long length) {
    return CACHE_APPEND.tensor(cache, x, length);
  }

  /**
   * A linear layer without bias and the cross-entropy of its logits in one, in chunks of rows: the
   * logits are never held whole, and rows that do not count cost nothing. Differentiable once.
   *
   * @param x [rows, C]
   * @param weight [classes, C]
   * @param targets [rows] int64; rows with {@code ignored} do not count
   * @param rowWeight [rows] multiplies each row's loss, or null
   * @return the sum over the rows that count, in nats, float32, no axis; 0 when none does
   */
  public static Tensor linearCrossEntropySum(
      Tensor x, Tensor weight, Tensor targets, Tensor rowWeight, long ignored) {
    return LINEAR_CROSS_ENTROPY.tensor(x, weight, targets, rowWeight, ignored);
  }

  /**
   * A linear layer without bias and the log-probability of one class a row in one, in chunks of
   * rows: the logits are never held whole, and the backward computes them again.
   *
   * @param x [rows, C]
   * @param weight [classes, C]
   * @param targets [rows] int64
   * @param temperature divides the logits, above 0
   * @return [rows] float32, nats
   */
  public static Tensor linearLogProbs(Tensor x, Tensor weight, Tensor targets, double temperature) {
    return LINEAR_LOG_PROBS.tensor(x, weight, targets, temperature);
  }
}
