package org.panamind.torch;

/** Comparisons and logic; results are bool tensors. Shapes broadcast as in torch. */
public sealed interface ComparisonOps permits Tensor {
  /** Handles, looked up when first used. */
  final class Ops {
    private Ops() {}

    private static final Op EQ_TENSOR = Op.of("aten::eq.Tensor");
    private static final Op EQ_SCALAR = Op.of("aten::eq.Scalar");
    private static final Op NE_TENSOR = Op.of("aten::ne.Tensor");
    private static final Op NE_SCALAR = Op.of("aten::ne.Scalar");
    private static final Op LT_TENSOR = Op.of("aten::lt.Tensor");
    private static final Op LT_SCALAR = Op.of("aten::lt.Scalar");
    private static final Op LE_TENSOR = Op.of("aten::le.Tensor");
    private static final Op LE_SCALAR = Op.of("aten::le.Scalar");
    private static final Op GT_TENSOR = Op.of("aten::gt.Tensor");
    private static final Op GT_SCALAR = Op.of("aten::gt.Scalar");
    private static final Op GE_TENSOR = Op.of("aten::ge.Tensor");
    private static final Op GE_SCALAR = Op.of("aten::ge.Scalar");
    private static final Op LOGICAL_AND = Op.of("aten::logical_and");
    private static final Op LOGICAL_OR = Op.of("aten::logical_or");
    private static final Op LOGICAL_NOT = Op.of("aten::logical_not");
    private static final Op ISNAN = Op.of("aten::isnan");
    private static final Op ISINF = Op.of("aten::isinf");
    private static final Op ISFINITE = Op.of("aten::isfinite");
    private static final Op ALLCLOSE = Op.of("aten::allclose");
    private static final Op EQUAL = Op.of("aten::equal");
  }

  /** Where equal. */
  default Tensor eq(Tensor other) {
    return Ops.EQ_TENSOR.tensor(this, other);
  }

  /** Where equal. */
  default Tensor eq(double other) {
    return Ops.EQ_SCALAR.tensor(this, other);
  }

  /** Where different. */
  default Tensor ne(Tensor other) {
    return Ops.NE_TENSOR.tensor(this, other);
  }

  /** Where different. */
  default Tensor ne(double other) {
    return Ops.NE_SCALAR.tensor(this, other);
  }

  /** Where less. */
  default Tensor lt(Tensor other) {
    return Ops.LT_TENSOR.tensor(this, other);
  }

  /** Where less. */
  default Tensor lt(double other) {
    return Ops.LT_SCALAR.tensor(this, other);
  }

  /** Where less or equal. */
  default Tensor le(Tensor other) {
    return Ops.LE_TENSOR.tensor(this, other);
  }

  /** Where less or equal. */
  default Tensor le(double other) {
    return Ops.LE_SCALAR.tensor(this, other);
  }

  /** Where greater. */
  default Tensor gt(Tensor other) {
    return Ops.GT_TENSOR.tensor(this, other);
  }

  /** Where greater. */
  default Tensor gt(double other) {
    return Ops.GT_SCALAR.tensor(this, other);
  }

  /** Where greater or equal. */
  default Tensor ge(Tensor other) {
    return Ops.GE_TENSOR.tensor(this, other);
  }

  /** Where greater or equal. */
  default Tensor ge(double other) {
    return Ops.GE_SCALAR.tensor(this, other);
  }

  /** Where both are true. */
  default Tensor and(Tensor other) {
    return Ops.LOGICAL_AND.tensor(this, other);
  }

  /** Where one or both are true. */
  default Tensor or(Tensor other) {
    return Ops.LOGICAL_OR.tensor(this, other);
  }

  /** Where this is false (or zero). */
  default Tensor not() {
    return Ops.LOGICAL_NOT.tensor(this);
  }

  /** Where not a number. */
  default Tensor isNan() {
    return Ops.ISNAN.tensor(this);
  }

  /** Where infinite. */
  default Tensor isInf() {
    return Ops.ISINF.tensor(this);
  }

  /** Where neither infinite nor NaN. */
  default Tensor isFinite() {
    return Ops.ISFINITE.tensor(this);
  }

  /**
   * Whether {@code |this - other| <= absolute + relative * |other|} everywhere. Waits for the
   * device.
   */
  default boolean allClose(Tensor other, double relative, double absolute) {
    return Ops.ALLCLOSE.number(this, other, relative, absolute) != 0;
  }

  /** Whether shape and all elements are equal. Waits for the device. */
  default boolean equalTo(Tensor other) {
    return Ops.EQUAL.number(this, other) != 0;
  }
}
