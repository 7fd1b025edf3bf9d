package org.panamind.torch;

/** Matrix products. All but the last two axes broadcast in {@link #matmul}. */
public sealed interface MatrixOps permits Tensor {
  /** Handles, looked up when first used. */
  final class Ops {
    private Ops() {}

    private static final Op MATMUL = Op.of("aten::matmul");
    private static final Op MM = Op.of("aten::mm");
    private static final Op BMM = Op.of("aten::bmm");
    private static final Op ADDMM = Op.of("aten::addmm");
    private static final Op OUTER = Op.of("aten::outer");
    private static final Op DOT = Op.of("aten::dot");
  }

  /** Matrix product over the last two axes. */
  default Tensor matmul(Tensor other) {
    return Ops.MATMUL.tensor(this, other);
  }

  /** Product of two matrices, [n, k] by [k, m]. */
  default Tensor mm(Tensor other) {
    return Ops.MM.tensor(this, other);
  }

  /** Products of two batches of matrices, [b, n, k] by [b, k, m]. */
  default Tensor bmm(Tensor other) {
    return Ops.BMM.tensor(this, other);
  }

  /** {@code this + a @ b}. */
  default Tensor addmm(Tensor a, Tensor b) {
    return Ops.ADDMM.tensor(this, a, b);
  }

  /** Outer product of two vectors. */
  default Tensor outer(Tensor other) {
    return Ops.OUTER.tensor(this, other);
  }

  /** Inner product of two vectors, no axis left. */
  default Tensor dot(Tensor other) {
    return Ops.DOT.tensor(this, other);
  }
}
