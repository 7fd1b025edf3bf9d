package org.panamind.torch;

/**
 * Operators that take axes together, and those that order along an axis. Negative axes count from
 * the end.
 */
public sealed interface ReductionOps permits Tensor {
  /** Handles, looked up when first used. */
  final class Ops {
    private Ops() {}

    private static final Op SUM = Op.of("aten::sum");
    private static final Op SUM_DIM_INT_LIST = Op.of("aten::sum.dim_IntList");
    private static final Op MEAN = Op.of("aten::mean");
    private static final Op MEAN_DIM = Op.of("aten::mean.dim");
    private static final Op PROD = Op.of("aten::prod");
    private static final Op VAR_DIM = Op.of("aten::var.dim");
    private static final Op STD = Op.of("aten::std");
    private static final Op STD_DIM = Op.of("aten::std.dim");
    private static final Op LINALG_VECTOR_NORM = Op.of("aten::linalg_vector_norm");
    private static final Op MAX = Op.of("aten::max");
    private static final Op MIN = Op.of("aten::min");
    private static final Op AMAX = Op.of("aten::amax");
    private static final Op AMIN = Op.of("aten::amin");
    private static final Op ARGMAX = Op.of("aten::argmax");
    private static final Op ARGMIN = Op.of("aten::argmin");
    private static final Op ALL = Op.of("aten::all");
    private static final Op ANY = Op.of("aten::any");
    private static final Op ALL_DIM = Op.of("aten::all.dim");
    private static final Op ANY_DIM = Op.of("aten::any.dim");
    private static final Op CUMSUM = Op.of("aten::cumsum");
    private static final Op SEARCHSORTED = Op.of("aten::searchsorted.Tensor");
    private static final Op CUMPROD = Op.of("aten::cumprod");
    private static final Op LOGSUMEXP = Op.of("aten::logsumexp");
    private static final Op SOFTMAX_INT = Op.of("aten::softmax.int");
    private static final Op LOG_SOFTMAX_INT = Op.of("aten::log_softmax.int");
    private static final Op COUNT_NONZERO = Op.of("aten::count_nonzero");
    private static final Op BINCOUNT = Op.of("aten::bincount");
    private static final Op ARGSORT = Op.of("aten::argsort");
    private static final Op TOPK = Op.of("aten::topk");
    private static final Op SORT = Op.of("aten::sort");
    private static final Op MAX_DIM = Op.of("aten::max.dim");
  }

  /** Sum of all elements, no axis left. */
  default Tensor sum() {
    return Ops.SUM.tensor(this);
  }

  /** Sums along an axis. */
  default Tensor sum(int axis, boolean keepAxis) {
    return Ops.SUM_DIM_INT_LIST.tensor(this, axis, keepAxis);
  }

  /** Mean of all elements, no axis left. */
  default Tensor mean() {
    return Ops.MEAN.tensor(this);
  }

  /** Means along an axis. */
  default Tensor mean(int axis, boolean keepAxis) {
    return Ops.MEAN_DIM.tensor(this, axis, keepAxis);
  }

  /** Product of all elements. */
  default Tensor prod() {
    return Ops.PROD.tensor(this);
  }

  /** Variances along an axis; {@code unbiased} divides by n - 1. */
  default Tensor var(int axis, boolean unbiased, boolean keepAxis) {
    return Ops.VAR_DIM.tensor(this, axis, unbiased, keepAxis);
  }

  /** Standard deviation of all elements, divided by n - 1. */
  default Tensor std() {
    return Ops.STD.tensor(this, true);
  }

  /** Standard deviations along an axis; {@code unbiased} divides by n - 1. */
  default Tensor std(int axis, boolean unbiased, boolean keepAxis) {
    return Ops.STD_DIM.tensor(this, axis, unbiased, keepAxis);
  }

  /** L2 norm of all elements. */
  default Tensor norm() {
    return Ops.LINALG_VECTOR_NORM.tensor(this);
  }

  /** L2 norms along an axis. */
  default Tensor norm(int axis, boolean keepAxis) {
    return Ops.LINALG_VECTOR_NORM.tensor(this, 2, axis, keepAxis);
  }

  /** Largest element. */
  default Tensor max() {
    return Ops.MAX.tensor(this);
  }

  /** Smallest element. */
  default Tensor min() {
    return Ops.MIN.tensor(this);
  }

  /** Largest elements along an axis. */
  default Tensor amax(int axis, boolean keepAxis) {
    return Ops.AMAX.tensor(this, axis, keepAxis);
  }

  /** Smallest elements along an axis. */
  default Tensor amin(int axis, boolean keepAxis) {
    return Ops.AMIN.tensor(this, axis, keepAxis);
  }

  /** Places of the largest elements along an axis, int64. */
  default Tensor argmax(int axis, boolean keepAxis) {
    return Ops.ARGMAX.tensor(this, axis, keepAxis);
  }

  /** Places of the smallest elements along an axis, int64. */
  default Tensor argmin(int axis, boolean keepAxis) {
    return Ops.ARGMIN.tensor(this, axis, keepAxis);
  }

  /** Whether all elements are true; one bool. */
  default Tensor all() {
    return Ops.ALL.tensor(this);
  }

  /** Whether some element is true; one bool. */
  default Tensor any() {
    return Ops.ANY.tensor(this);
  }

  /** Whether all are true along an axis. */
  default Tensor all(int axis, boolean keepAxis) {
    return Ops.ALL_DIM.tensor(this, axis, keepAxis);
  }

  /** Whether some is true along an axis. */
  default Tensor any(int axis, boolean keepAxis) {
    return Ops.ANY_DIM.tensor(this, axis, keepAxis);
  }

  /** Running sums along an axis. */
  default Tensor cumsum(int axis) {
    return Ops.CUMSUM.tensor(this, axis);
  }

  /**
   * Where each value would stand in its row so that the row, which ascends, still does.
   *
   * @param values [..., n], all axes but the last as this
   * @param right whether behind elements equal to it, rather than before them
   * @return [..., n] int64, from 0 to the row's length
   */
  default Tensor searchSorted(Tensor values, boolean right) {
    return Ops.SEARCHSORTED.tensor(this, values, false, right);
  }

  /** Running products along an axis. */
  default Tensor cumprod(int axis) {
    return Ops.CUMPROD.tensor(this, axis);
  }

  /** {@code log(sum(exp(this)))} along an axis without overflow. */
  default Tensor logsumexp(int axis, boolean keepAxis) {
    return Ops.LOGSUMEXP.tensor(this, axis, keepAxis);
  }

  /** Exponentials along an axis, divided by their sum. */
  default Tensor softmax(int axis) {
    return Ops.SOFTMAX_INT.tensor(this, axis);
  }

  /** Logarithm of the softmax along an axis. */
  default Tensor logSoftmax(int axis) {
    return Ops.LOG_SOFTMAX_INT.tensor(this, axis);
  }

  /** Number of elements that are not zero, int64. */
  default Tensor countNonzero() {
    return Ops.COUNT_NONZERO.tensor(this);
  }

  /** How often each of 0, 1, ... occurs in an int64 tensor with one axis. */
  default Tensor bincount() {
    return Ops.BINCOUNT.tensor(this);
  }

  /** Order along an axis, int64. */
  default Tensor argsort(int axis, boolean descending) {
    return Ops.ARGSORT.tensor(this, axis, descending);
  }

  /** The k largest along an axis, in falling order: values, and their places (int64). */
  default Tensor[] topk(long k, int axis) {
    return Ops.TOPK.tensors(this, k, axis);
  }

  /** Sorted along an axis: values, and their places (int64). */
  default Tensor[] sort(int axis, boolean descending) {
    return Ops.SORT.tensors(this, axis, descending);
  }

  /** Largest along an axis: values, and their places (int64). */
  default Tensor[] maxWithIndex(int axis, boolean keepAxis) {
    return Ops.MAX_DIM.tensors(this, axis, keepAxis);
  }
}
