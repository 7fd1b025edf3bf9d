package org.panamind.torch;

/**
 * Operators that rearrange, join, cut and choose. Negative axes count from the end; results share
 * memory with this tensor where torch's do.
 */
public sealed interface ShapeOps permits Tensor {
  /** Handles, looked up when first used. */
  final class Ops {
    private Ops() {}

    private static final Op RESHAPE = Op.of("aten::reshape");
    private static final Op VIEW = Op.of("aten::view");
    private static final Op FLATTEN_USING_INTS = Op.of("aten::flatten.using_ints");
    private static final Op UNFLATTEN_INT = Op.of("aten::unflatten.int");
    private static final Op UNSQUEEZE = Op.of("aten::unsqueeze");
    private static final Op SQUEEZE_DIM = Op.of("aten::squeeze.dim");
    private static final Op TRANSPOSE_INT = Op.of("aten::transpose.int");
    private static final Op PERMUTE = Op.of("aten::permute");
    private static final Op T = Op.of("aten::t");
    private static final Op EXPAND = Op.of("aten::expand");
    private static final Op EXPAND_AS = Op.of("aten::expand_as");
    private static final Op REPEAT = Op.of("aten::repeat");
    private static final Op REPEAT_INTERLEAVE_SELF_INT = Op.of("aten::repeat_interleave.self_int");
    private static final Op NARROW = Op.of("aten::narrow");
    private static final Op SLICE_TENSOR = Op.of("aten::slice.Tensor");
    private static final Op SELECT_INT = Op.of("aten::select.int");
    private static final Op INDEX_SELECT = Op.of("aten::index_select");
    private static final Op GATHER = Op.of("aten::gather");
    private static final Op SCATTER_SRC = Op.of("aten::scatter.src");
    private static final Op SCATTER_VALUE = Op.of("aten::scatter.value");
    private static final Op SCATTER_ADD = Op.of("aten::scatter_add");
    private static final Op INDEX_ADD = Op.of("aten::index_add");
    private static final Op MASKED_SELECT = Op.of("aten::masked_select");
    private static final Op NONZERO = Op.of("aten::nonzero");
    private static final Op TRIL = Op.of("aten::tril");
    private static final Op TRIU = Op.of("aten::triu");
    private static final Op FLIP = Op.of("aten::flip");
    private static final Op ROLL = Op.of("aten::roll");
    private static final Op DIAGONAL = Op.of("aten::diagonal");
    private static final Op CONSTANT_PAD_ND = Op.of("aten::constant_pad_nd");
    private static final Op SPLIT_TENSOR = Op.of("aten::split.Tensor");
    private static final Op SPLIT_WITH_SIZES = Op.of("aten::split_with_sizes");
    private static final Op CHUNK = Op.of("aten::chunk");
    private static final Op UNBIND_INT = Op.of("aten::unbind.int");
  }

  /** Other sizes for the same elements; one size may be -1. */
  default Tensor reshape(long... shape) {
    return Ops.RESHAPE.tensor(this, shape);
  }

  /** As {@link #reshape}, but only without a copy. */
  default Tensor view(long... shape) {
    return Ops.VIEW.tensor(this, shape);
  }

  /** Axes {@code first} to {@code last} as one. */
  default Tensor flatten(int first, int last) {
    return Ops.FLATTEN_USING_INTS.tensor(this, first, last);
  }

  /** One axis as several. */
  default Tensor unflatten(int axis, long... sizes) {
    return Ops.UNFLATTEN_INT.tensor(this, axis, sizes);
  }

  /** A new axis of size 1. */
  default Tensor unsqueeze(int axis) {
    return Ops.UNSQUEEZE.tensor(this, axis);
  }

  /** Drops an axis of size 1. */
  default Tensor squeeze(int axis) {
    return Ops.SQUEEZE_DIM.tensor(this, axis);
  }

  /** Exchanges two axes. */
  default Tensor transpose(int a, int b) {
    return Ops.TRANSPOSE_INT.tensor(this, a, b);
  }

  /** The axes in another order. */
  default Tensor permute(long... axes) {
    return Ops.PERMUTE.tensor(this, axes);
  }

  /** A matrix with rows and columns exchanged. */
  default Tensor t() {
    return Ops.T.tensor(this);
  }

  /** Axes of size 1 repeated without a copy; -1 keeps a size. */
  default Tensor expand(long... shape) {
    return Ops.EXPAND.tensor(this, shape);
  }

  /** Axes of size 1 repeated to the sizes of {@code other}. */
  default Tensor expandAs(Tensor other) {
    return Ops.EXPAND_AS.tensor(this, other);
  }

  /** A copy with each axis repeated. */
  default Tensor repeat(long... times) {
    return Ops.REPEAT.tensor(this, times);
  }

  /** Each element repeated in place along an axis. */
  default Tensor repeatInterleave(long times, int axis) {
    return Ops.REPEAT_INTERLEAVE_SELF_INT.tensor(this, times, axis);
  }

  /** A part of an axis. */
  default Tensor narrow(int axis, long start, long length) {
    return Ops.NARROW.tensor(this, axis, start, length);
  }

  /** Elements {@code from} to {@code to} (not taken) of an axis; Long.MAX_VALUE for its end. */
  default Tensor slice(int axis, long from, long to) {
    return Ops.SLICE_TENSOR.tensor(this, axis, from, to);
  }

  /** The same in steps. */
  default Tensor slice(int axis, long from, long to, long step) {
    return Ops.SLICE_TENSOR.tensor(this, axis, from, to, step);
  }

  /** One element of an axis, which goes away. */
  default Tensor select(int axis, long index) {
    return Ops.SELECT_INT.tensor(this, axis, index);
  }

  /** Elements of an axis by an int64 tensor with one axis. */
  default Tensor indexSelect(int axis, Tensor index) {
    return Ops.INDEX_SELECT.tensor(this, axis, index);
  }

  /** {@code out[i][j] = this[i][index[i][j]]} along an axis. */
  default Tensor gather(int axis, Tensor index) {
    return Ops.GATHER.tensor(this, axis, index);
  }

  /** A copy with {@code out[i][index[i][j]] = source[i][j]}. */
  default Tensor scatter(int axis, Tensor index, Tensor source) {
    return Ops.SCATTER_SRC.tensor(this, axis, index, source);
  }

  /** A copy with {@code out[i][index[i][j]] = value}. */
  default Tensor scatter(int axis, Tensor index, double value) {
    return Ops.SCATTER_VALUE.tensor(this, axis, index, value);
  }

  /** A copy with {@code source} added at the chosen places. */
  default Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return Ops.SCATTER_ADD.tensor(this, axis, index, source);
  }

  /** A copy with slices of {@code source} added at the chosen places of an axis. */
  default Tensor indexAdd(int axis, Tensor index, Tensor source) {
    return Ops.INDEX_ADD.tensor(this, axis, index, source);
  }

  /** The elements where the bool mask is true, one axis. Waits for the device. */
  default Tensor maskedSelect(Tensor mask) {
    return Ops.MASKED_SELECT.tensor(this, mask);
  }

  /** Places that are not zero, [n, axes], int64. Waits for the device. */
  default Tensor nonzero() {
    return Ops.NONZERO.tensor(this);
  }

  /** The lower triangle of the last two axes, zero above. */
  default Tensor tril(long diagonal) {
    return Ops.TRIL.tensor(this, diagonal);
  }

  /** The upper triangle of the last two axes, zero below. */
  default Tensor triu(long diagonal) {
    return Ops.TRIU.tensor(this, diagonal);
  }

  /** Axes in reverse order. */
  default Tensor flip(long... axes) {
    return Ops.FLIP.tensor(this, axes);
  }

  /** Elements moved along an axis, around its end. */
  default Tensor roll(long shift, int axis) {
    return Ops.ROLL.tensor(this, shift, axis);
  }

  /** The diagonal of the first two axes. */
  default Tensor diagonal() {
    return Ops.DIAGONAL.tensor(this);
  }

  /** {@code value} around: sizes before and after, the last axis first. */
  default Tensor pad(double value, long... sizes) {
    return Ops.CONSTANT_PAD_ND.tensor(this, sizes, value);
  }

  /** Parts of equal size, the last possibly smaller. */
  default Tensor[] split(long size, int axis) {
    return Ops.SPLIT_TENSOR.tensors(this, size, axis);
  }

  /** Parts of the given sizes. */
  default Tensor[] split(long[] sizes, int axis) {
    return Ops.SPLIT_WITH_SIZES.tensors(this, sizes, axis);
  }

  /** About {@code count} parts of equal size. */
  default Tensor[] chunk(long count, int axis) {
    return Ops.CHUNK.tensors(this, count, axis);
  }

  /** The elements of an axis one by one. */
  default Tensor[] unbind(int axis) {
    return Ops.UNBIND_INT.tensors(this, axis);
  }

  /**
   * The part that index expressions name, one for each axis from the first; axes not named stay
   * whole.
   */
  default Tensor get(Ix... places) {
    return Indexing.get((Tensor) this, places);
  }
}
