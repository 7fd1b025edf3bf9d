package org.panamind.torch;

/**
 * Operators that write into this tensor; each returns this same object. A leaf that collects
 * gradients takes them only inside {@link NoGrad}.
 */
public sealed interface InPlaceOps permits Tensor {
  /** Handles, looked up when first used. */
  final class Ops {
    private Ops() {}

    private static final Op ADD_TENSOR = Op.of("aten::add_.Tensor");
    private static final Op ADD_SCALAR = Op.of("aten::add_.Scalar");
    private static final Op SUB_TENSOR = Op.of("aten::sub_.Tensor");
    private static final Op MUL_TENSOR = Op.of("aten::mul_.Tensor");
    private static final Op MUL_SCALAR = Op.of("aten::mul_.Scalar");
    private static final Op DIV_SCALAR = Op.of("aten::div_.Scalar");
    private static final Op DIV_TENSOR = Op.of("aten::div_.Tensor");
    private static final Op LERP_SCALAR = Op.of("aten::lerp_.Scalar");
    private static final Op COPY = Op.of("aten::copy_");
    private static final Op FILL_SCALAR = Op.of("aten::fill_.Scalar");
    private static final Op ZERO = Op.of("aten::zero_");
    private static final Op CLAMP = Op.of("aten::clamp_");
    private static final Op MASKED_FILL_SCALAR = Op.of("aten::masked_fill_.Scalar");
    private static final Op INDEX_COPY = Op.of("aten::index_copy_");
    private static final Op INDEX_ADD = Op.of("aten::index_add_");
    private static final Op INDEX_FILL_INT_SCALAR = Op.of("aten::index_fill_.int_Scalar");
    private static final Op SCATTER_ADD = Op.of("aten::scatter_add_");
    private static final Op SCATTER_VALUE = Op.of("aten::scatter_.value");
    private static final Op UNIFORM = Op.of("aten::uniform_");
    private static final Op NORMAL = Op.of("aten::normal_");
  }

  /** {@code this += other}. */
  default Tensor add_(Tensor other) {
    Ops.ADD_TENSOR.run(this, other);
    return (Tensor) this;
  }

  /** {@code this += other}. */
  default Tensor add_(double other) {
    Ops.ADD_SCALAR.run(this, other);
    return (Tensor) this;
  }

  /** {@code this += alpha * other}. */
  default Tensor add_(Tensor other, double alpha) {
    Ops.ADD_TENSOR.run(this, other, alpha);
    return (Tensor) this;
  }

  /** {@code this -= other}. */
  default Tensor sub_(Tensor other) {
    Ops.SUB_TENSOR.run(this, other);
    return (Tensor) this;
  }

  /** {@code this *= other}. */
  default Tensor mul_(Tensor other) {
    Ops.MUL_TENSOR.run(this, other);
    return (Tensor) this;
  }

  /** {@code this *= other}. */
  default Tensor mul_(double other) {
    Ops.MUL_SCALAR.run(this, other);
    return (Tensor) this;
  }

  /** {@code this /= other}. */
  default Tensor div_(double other) {
    Ops.DIV_SCALAR.run(this, other);
    return (Tensor) this;
  }

  /** {@code this /= other}. */
  default Tensor div_(Tensor other) {
    Ops.DIV_TENSOR.run(this, other);
    return (Tensor) this;
  }

  /** {@code this += weight * (end - this)}. */
  default Tensor lerp_(Tensor end, double weight) {
    Ops.LERP_SCALAR.run(this, end, weight);
    return (Tensor) this;
  }

  /** Takes the values of {@code source}, converted and broadcast. */
  default Tensor copy_(Tensor source) {
    Ops.COPY.run(this, source);
    return (Tensor) this;
  }

  /** Every element becomes {@code value}. */
  default Tensor fill_(double value) {
    Ops.FILL_SCALAR.run(this, value);
    return (Tensor) this;
  }

  /** Every element becomes 0. */
  default Tensor zero_() {
    Ops.ZERO.run(this);
    return (Tensor) this;
  }

  /** Values outside become the nearer bound. */
  default Tensor clamp_(double min, double max) {
    Ops.CLAMP.run(this, min, max);
    return (Tensor) this;
  }

  /** {@code value} where the bool {@code mask} is true. */
  default Tensor maskedFill_(Tensor mask, double value) {
    Ops.MASKED_FILL_SCALAR.run(this, mask, value);
    return (Tensor) this;
  }

  /** Slices of {@code source} take the chosen places of an axis. */
  default Tensor indexCopy_(int axis, Tensor index, Tensor source) {
    Ops.INDEX_COPY.run(this, axis, index, source);
    return (Tensor) this;
  }

  /** Slices of {@code source} are added at the chosen places of an axis. */
  default Tensor indexAdd_(int axis, Tensor index, Tensor source) {
    Ops.INDEX_ADD.run(this, axis, index, source);
    return (Tensor) this;
  }

  /** {@code value} at the chosen places of an axis. */
  default Tensor indexFill_(int axis, Tensor index, double value) {
    Ops.INDEX_FILL_INT_SCALAR.run(this, axis, index, value);
    return (Tensor) this;
  }

  /** {@code source} is added at the chosen places. */
  default Tensor scatterAdd_(int axis, Tensor index, Tensor source) {
    Ops.SCATTER_ADD.run(this, axis, index, source);
    return (Tensor) this;
  }

  /** {@code value} at the chosen places. */
  default Tensor scatter_(int axis, Tensor index, double value) {
    Ops.SCATTER_VALUE.run(this, axis, index, value);
    return (Tensor) this;
  }

  /** Random numbers of the uniform distribution, from the device's default generator. */
  default Tensor uniform_(double from, double to) {
    Ops.UNIFORM.run(this, from, to);
    return (Tensor) this;
  }

  /** Random numbers of the normal distribution, from the device's default generator. */
  default Tensor normal_(double mean, double std) {
    Ops.NORMAL.run(this, mean, std);
    return (Tensor) this;
  }
}
