package org.panamind.torch;

/** Operators on each element; shapes broadcast as in torch. */
public sealed interface PointwiseOps permits Tensor {
  /** Handles, looked up when first used. */
  final class Ops {
    private Ops() {}

    private static final Op ADD_TENSOR = Op.of("aten::add.Tensor");
    private static final Op ADD_SCALAR = Op.of("aten::add.Scalar");
    private static final Op SUB_TENSOR = Op.of("aten::sub.Tensor");
    private static final Op SUB_SCALAR = Op.of("aten::sub.Scalar");
    private static final Op RSUB_SCALAR = Op.of("aten::rsub.Scalar");
    private static final Op MUL_TENSOR = Op.of("aten::mul.Tensor");
    private static final Op MUL_SCALAR = Op.of("aten::mul.Scalar");
    private static final Op DIV_TENSOR = Op.of("aten::div.Tensor");
    private static final Op DIV_SCALAR = Op.of("aten::div.Scalar");
    private static final Op FLOOR_DIVIDE = Op.of("aten::floor_divide");
    private static final Op FLOOR_DIVIDE_SCALAR = Op.of("aten::floor_divide.Scalar");
    private static final Op REMAINDER_TENSOR = Op.of("aten::remainder.Tensor");
    private static final Op REMAINDER_SCALAR = Op.of("aten::remainder.Scalar");
    private static final Op POW_TENSOR_SCALAR = Op.of("aten::pow.Tensor_Scalar");
    private static final Op POW_TENSOR_TENSOR = Op.of("aten::pow.Tensor_Tensor");
    private static final Op NEG = Op.of("aten::neg");
    private static final Op ABS = Op.of("aten::abs");
    private static final Op SIGN = Op.of("aten::sign");
    private static final Op SQRT = Op.of("aten::sqrt");
    private static final Op RSQRT = Op.of("aten::rsqrt");
    private static final Op SQUARE = Op.of("aten::square");
    private static final Op RECIPROCAL = Op.of("aten::reciprocal");
    private static final Op EXP = Op.of("aten::exp");
    private static final Op EXPM1 = Op.of("aten::expm1");
    private static final Op LOG = Op.of("aten::log");
    private static final Op LOG1P = Op.of("aten::log1p");
    private static final Op LOG2 = Op.of("aten::log2");
    private static final Op SIN = Op.of("aten::sin");
    private static final Op COS = Op.of("aten::cos");
    private static final Op TANH = Op.of("aten::tanh");
    private static final Op SIGMOID = Op.of("aten::sigmoid");
    private static final Op LOG_SIGMOID = Op.of("aten::log_sigmoid");
    private static final Op ERF = Op.of("aten::erf");
    private static final Op RELU = Op.of("aten::relu");
    private static final Op SILU = Op.of("aten::silu");
    private static final Op GELU = Op.of("aten::gelu");
    private static final Op SOFTPLUS = Op.of("aten::softplus");
    private static final Op FLOOR = Op.of("aten::floor");
    private static final Op CEIL = Op.of("aten::ceil");
    private static final Op ROUND = Op.of("aten::round");
    private static final Op TRUNC = Op.of("aten::trunc");
    private static final Op CLAMP = Op.of("aten::clamp");
    private static final Op CLAMP_MIN = Op.of("aten::clamp_min");
    private static final Op CLAMP_MAX = Op.of("aten::clamp_max");
    private static final Op MAXIMUM = Op.of("aten::maximum");
    private static final Op MINIMUM = Op.of("aten::minimum");
    private static final Op LERP_SCALAR = Op.of("aten::lerp.Scalar");
    private static final Op ADDCMUL = Op.of("aten::addcmul");
    private static final Op MASKED_FILL_SCALAR = Op.of("aten::masked_fill.Scalar");
    private static final Op NAN_TO_NUM = Op.of("aten::nan_to_num");
    private static final Op TO_DTYPE = Op.of("aten::to.dtype");
    private static final Op TO_DEVICE = Op.of("aten::to.device");
    private static final Op DETACH = Op.of("aten::detach");
    private static final Op CLONE = Op.of("aten::clone");
    private static final Op CONTIGUOUS = Op.of("aten::contiguous");
  }

  /** {@code this + other}. */
  default Tensor add(Tensor other) {
    return Ops.ADD_TENSOR.tensor(this, other);
  }

  /** {@code this + other}. */
  default Tensor add(double other) {
    return Ops.ADD_SCALAR.tensor(this, other);
  }

  /** {@code this + alpha * other}. */
  default Tensor add(Tensor other, double alpha) {
    return Ops.ADD_TENSOR.tensor(this, other, alpha);
  }

  /** {@code this - other}. */
  default Tensor sub(Tensor other) {
    return Ops.SUB_TENSOR.tensor(this, other);
  }

  /** {@code this - other}. */
  default Tensor sub(double other) {
    return Ops.SUB_SCALAR.tensor(this, other);
  }

  /** {@code other - this}. */
  default Tensor rsub(double other) {
    return Ops.RSUB_SCALAR.tensor(this, other);
  }

  /** {@code this * other}. */
  default Tensor mul(Tensor other) {
    return Ops.MUL_TENSOR.tensor(this, other);
  }

  /** {@code this * other}. */
  default Tensor mul(double other) {
    return Ops.MUL_SCALAR.tensor(this, other);
  }

  /** {@code this / other}, true division. */
  default Tensor div(Tensor other) {
    return Ops.DIV_TENSOR.tensor(this, other);
  }

  /** {@code this / other}, true division. */
  default Tensor div(double other) {
    return Ops.DIV_SCALAR.tensor(this, other);
  }

  /** {@code floor(this / other)}. */
  default Tensor floorDivide(Tensor other) {
    return Ops.FLOOR_DIVIDE.tensor(this, other);
  }

  /** {@code floor(this / other)}. */
  default Tensor floorDivide(long other) {
    return Ops.FLOOR_DIVIDE_SCALAR.tensor(this, other);
  }

  /** Remainder with the sign of {@code other}. */
  default Tensor remainder(Tensor other) {
    return Ops.REMAINDER_TENSOR.tensor(this, other);
  }

  /** Remainder with the sign of {@code other}. */
  default Tensor remainder(double other) {
    return Ops.REMAINDER_SCALAR.tensor(this, other);
  }

  /** {@code this} to the power of a number. */
  default Tensor pow(double exponent) {
    return Ops.POW_TENSOR_SCALAR.tensor(this, exponent);
  }

  /** {@code this} to the power of {@code exponent}. */
  default Tensor pow(Tensor exponent) {
    return Ops.POW_TENSOR_TENSOR.tensor(this, exponent);
  }

  /** {@code -this}. */
  default Tensor neg() {
    return Ops.NEG.tensor(this);
  }

  /** Absolute value. */
  default Tensor abs() {
    return Ops.ABS.tensor(this);
  }

  /** -1, 0 or 1. */
  default Tensor sign() {
    return Ops.SIGN.tensor(this);
  }

  /** Square root. */
  default Tensor sqrt() {
    return Ops.SQRT.tensor(this);
  }

  /** {@code 1 / sqrt(this)}. */
  default Tensor rsqrt() {
    return Ops.RSQRT.tensor(this);
  }

  /** {@code this * this}. */
  default Tensor square() {
    return Ops.SQUARE.tensor(this);
  }

  /** {@code 1 / this}. */
  default Tensor reciprocal() {
    return Ops.RECIPROCAL.tensor(this);
  }

  /** {@code e} to the power of this. */
  default Tensor exp() {
    return Ops.EXP.tensor(this);
  }

  /** {@code exp(this) - 1}, exact near 0. */
  default Tensor expm1() {
    return Ops.EXPM1.tensor(this);
  }

  /** Natural logarithm. */
  default Tensor log() {
    return Ops.LOG.tensor(this);
  }

  /** {@code log(1 + this)}, exact near 0. */
  default Tensor log1p() {
    return Ops.LOG1P.tensor(this);
  }

  /** Logarithm to base 2. */
  default Tensor log2() {
    return Ops.LOG2.tensor(this);
  }

  /** Sine of radians. */
  default Tensor sin() {
    return Ops.SIN.tensor(this);
  }

  /** Cosine of radians. */
  default Tensor cos() {
    return Ops.COS.tensor(this);
  }

  /** Hyperbolic tangent. */
  default Tensor tanh() {
    return Ops.TANH.tensor(this);
  }

  /** {@code 1 / (1 + exp(-this))}. */
  default Tensor sigmoid() {
    return Ops.SIGMOID.tensor(this);
  }

  /** {@code log(sigmoid(this))} without overflow. */
  default Tensor logSigmoid() {
    return Ops.LOG_SIGMOID.tensor(this);
  }

  /** Error function. */
  default Tensor erf() {
    return Ops.ERF.tensor(this);
  }

  /** {@code max(this, 0)}. */
  default Tensor relu() {
    return Ops.RELU.tensor(this);
  }

  /** {@code this * sigmoid(this)} (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
  default Tensor silu() {
    return Ops.SILU.tensor(this);
  }

  /**
   * {@code this} times the normal distribution's cumulative function (Hendrycks and Gimpel 2016,
   * arXiv:1606.08415).
   */
  default Tensor gelu() {
    return Ops.GELU.tensor(this);
  }

  /** {@code log(1 + exp(this))} without overflow. */
  default Tensor softplus() {
    return Ops.SOFTPLUS.tensor(this);
  }

  /** Largest integer not above. */
  default Tensor floor() {
    return Ops.FLOOR.tensor(this);
  }

  /** Smallest integer not below. */
  default Tensor ceil() {
    return Ops.CEIL.tensor(this);
  }

  /** Nearest integer, ties to even. */
  default Tensor round() {
    return Ops.ROUND.tensor(this);
  }

  /** Fraction cut off. */
  default Tensor trunc() {
    return Ops.TRUNC.tensor(this);
  }

  /** Values below {@code min} become it, values above {@code max} likewise. */
  default Tensor clamp(double min, double max) {
    return Ops.CLAMP.tensor(this, min, max);
  }

  /** Values below {@code min} become it. */
  default Tensor clampMin(double min) {
    return Ops.CLAMP_MIN.tensor(this, min);
  }

  /** Values above {@code max} become it. */
  default Tensor clampMax(double max) {
    return Ops.CLAMP_MAX.tensor(this, max);
  }

  /** Values above {@code max} become it; whole numbers stay whole. */
  default Tensor clampMax(long max) {
    return Ops.CLAMP_MAX.tensor(this, max);
  }

  /** The larger of both, element by element. */
  default Tensor maximum(Tensor other) {
    return Ops.MAXIMUM.tensor(this, other);
  }

  /** The smaller of both, element by element. */
  default Tensor minimum(Tensor other) {
    return Ops.MINIMUM.tensor(this, other);
  }

  /** {@code this + weight * (end - this)}. */
  default Tensor lerp(Tensor end, double weight) {
    return Ops.LERP_SCALAR.tensor(this, end, weight);
  }

  /** {@code this + value * a * b}. */
  default Tensor addcmul(Tensor a, Tensor b, double value) {
    return Ops.ADDCMUL.tensor(this, a, b, value);
  }

  /** A copy with {@code value} where the bool {@code mask} is true. */
  default Tensor maskedFill(Tensor mask, double value) {
    return Ops.MASKED_FILL_SCALAR.tensor(this, mask, value);
  }

  /** NaN becomes {@code value}, infinities the largest finite numbers. */
  default Tensor nanToNum(double value) {
    return Ops.NAN_TO_NUM.tensor(this, value);
  }

  /** The same values as {@code type}; this tensor itself when it is of that type already. */
  default Tensor to(DType type) {
    return Ops.TO_DTYPE.tensor(this, type);
  }

  /** The same values on {@code device}. */
  default Tensor to(Device device) {
    return Ops.TO_DEVICE.tensor(this, device, ((Tensor) this).dtype());
  }

  /** The same values as {@code type} on {@code device}. */
  default Tensor to(Device device, DType type) {
    return Ops.TO_DEVICE.tensor(this, device, type);
  }

  /** The same data outside the graph. */
  default Tensor detach() {
    return Ops.DETACH.tensor(this);
  }

  /** A copy of the data, in the graph. */
  default Tensor copy() {
    return Ops.CLONE.tensor(this);
  }

  /** Row-major without gaps; this tensor itself when it is so already. */
  default Tensor contiguous() {
    return Ops.CONTIGUOUS.tensor(this);
  }
}
