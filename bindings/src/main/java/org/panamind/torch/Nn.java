package org.panamind.torch;

/** Functions of neural networks that are no method of a tensor. */
public final class Nn {
  private static final Op LINEAR = Op.of("aten::linear");
  private static final Op EMBEDDING = Op.of("aten::embedding");
  private static final Op DROPOUT = Op.of("aten::dropout");
  private static final Op CROSS_ENTROPY = Op.of("aten::cross_entropy_loss");

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
    return LINEAR.tensor(x, weight, bias);
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
}
