package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.panamind.torch.ffi.Panamind;

/**
 * A tensor of LibTorch: one reference to it. It belongs to the {@link TensorScope} that was
 * innermost when it was made, and is freed by that scope, by {@link #close}, or never; the garbage
 * collector frees nothing. A closed tensor refuses every use.
 *
 * <p>Operators are declared by topic in the interfaces that this class implements; each returns a
 * tensor of the current scope. Not safe for use by several threads at once.
 */
public final class Tensor
    implements AutoCloseable,
        PointwiseOps,
        ComparisonOps,
        ReductionOps,
        ShapeOps,
        MatrixOps,
        InPlaceOps {
  private static final int INFO = 9;
  private static final int MAX_DIMS = 32;

  private long handle;
  private TensorScope scope;
  private int slot = -1;
  private long[] info;

  private Tensor(long handle) {
    this.handle = handle;
  }

  /** Takes over a reference that the native side gave. */
  static Tensor own(long handle) {
    if (handle == 0) return null;
    var tensor = new Tensor(handle);
    var current = TensorScope.current();
    if (current != null) current.add(tensor);
    LeakReport.made(tensor);
    return tensor;
  }

  private static Tensor ownOut(Scratch scratch) {
    return own(scratch.out.get(JAVA_LONG, 0));
  }

  // ---- From Java ----

  /**
   * A float32 CPU tensor with a copy of {@code data} in row-major order.
   *
   * @param shape sizes whose product is the number of elements; left out, the result has one axis
   */
  public static Tensor of(float[] data, long... shape) {
    return copyOf(
        MemorySegment.ofArray(data),
        DType.FLOAT32,
        shape.length == 0 ? new long[] {data.length} : shape);
  }

  /** A float64 CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(double[] data, long... shape) {
    return copyOf(
        MemorySegment.ofArray(data),
        DType.FLOAT64,
        shape.length == 0 ? new long[] {data.length} : shape);
  }

  /** An int64 CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(long[] data, long... shape) {
    return copyOf(
        MemorySegment.ofArray(data),
        DType.INT64,
        shape.length == 0 ? new long[] {data.length} : shape);
  }

  /** An int32 CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(int[] data, long... shape) {
    return copyOf(
        MemorySegment.ofArray(data),
        DType.INT32,
        shape.length == 0 ? new long[] {data.length} : shape);
  }

  /** A bool CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(boolean[] data, long... shape) {
    var bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) bytes[i] = (byte) (data[i] ? 1 : 0);
    return copyOf(
        MemorySegment.ofArray(bytes),
        DType.BOOL,
        shape.length == 0 ? new long[] {data.length} : shape);
  }

  /** A float32 CPU tensor with no axis. */
  public static Tensor scalar(double value) {
    return copyOf(MemorySegment.ofArray(new float[] {(float) value}), DType.FLOAT32, new long[0]);
  }

  /**
   * A CPU tensor with a copy of the elements in {@code data}, row-major, in native byte order.
   *
   * @throws TorchException if the shape and type do not make {@code data.byteSize()} bytes
   */
  public static Tensor copyOf(MemorySegment data, DType type, long... shape) {
    var scratch = Scratch.get();
    scratch.reset();
    long bytes = data.byteSize();
    if (data.isNative()) return fromHost(scratch, data, bytes, type, shape);
    if (bytes <= 4096) {
      return fromHost(
          scratch, scratch.bytes(Math.max(bytes, 1)).copyFrom(data), bytes, type, shape);
    }
    try (var arena = Arena.ofConfined()) {
      return fromHost(scratch, arena.allocate(bytes, 8).copyFrom(data), bytes, type, shape);
    }
  }

  private static Tensor fromHost(
      Scratch scratch, MemorySegment data, long bytes, DType type, long[] shape) {
    Status.check(
        Panamind.pm_tensor_from_host(
            data, bytes, type.number(), scratch.longs(shape), shape.length, scratch.out));
    return ownOut(scratch);
  }

  // ---- To Java ----

  /** The elements as floats, row-major, whatever the type and device. */
  public float[] toFloatArray() {
    var values = new float[Math.toIntExact(numel())];
    copyOut(
        DType.FLOAT32,
        segment -> MemorySegment.copy(segment, JAVA_FLOAT, 0, values, 0, values.length));
    return values;
  }

  /** The elements as doubles, row-major, whatever the type and device. */
  public double[] toDoubleArray() {
    var values = new double[Math.toIntExact(numel())];
    copyOut(
        DType.FLOAT64,
        segment -> MemorySegment.copy(segment, JAVA_DOUBLE, 0, values, 0, values.length));
    return values;
  }

  /** The elements as longs, row-major, whatever the type and device; fractions are cut off. */
  public long[] toLongArray() {
    var values = new long[Math.toIntExact(numel())];
    copyOut(
        DType.INT64,
        segment -> MemorySegment.copy(segment, JAVA_LONG, 0, values, 0, values.length));
    return values;
  }

  private void copyOut(DType type, java.util.function.Consumer<MemorySegment> reader) {
    try (var inner = TensorScope.open();
        var arena = Arena.ofConfined()) {
      var segment = arena.allocate(Math.max(numel() * type.bytes(), 1), 8);
      to(type).copyTo(segment.asSlice(0, numel() * type.bytes()));
      reader.accept(segment);
    }
  }

  /**
   * Copies the elements, row-major, into native memory of exactly their size.
   *
   * @throws TorchException if the size differs
   */
  public void copyTo(MemorySegment target) {
    Status.check(Panamind.pm_tensor_to_host(pointer(), target, target.byteSize()));
  }

  /** The only element as a double. Waits for the device. */
  public double item() {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_tensor_item(pointer(), scratch.out));
    return scratch.out.get(JAVA_DOUBLE, 0);
  }

  /** The only element of an integer or bool tensor. Waits for the device. */
  public long itemLong() {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_tensor_item_int(pointer(), scratch.out));
    return scratch.out.get(JAVA_LONG, 0);
  }

  // ---- Metadata; read once, since no operator here changes it ----

  private long[] info() {
    long[] known = info;
    if (known != null && handle != 0) return known;
    var scratch = Scratch.get();
    scratch.reset();
    var buffer = scratch.bytes(8L * (INFO + 2 * MAX_DIMS));
    Status.check(Panamind.pm_tensor_info(pointer(), buffer, INFO + 2 * MAX_DIMS));
    int dims = (int) buffer.getAtIndex(JAVA_LONG, INFO - 1);
    return info = buffer.asSlice(0, 8L * (INFO + 2 * dims)).toArray(JAVA_LONG);
  }

  /** Type of the elements. */
  public DType dtype() {
    return DType.ofNumber(info()[0]);
  }

  /** Where the elements lie. */
  public Device device() {
    long[] known = info();
    return known[1] == 0 ? Device.CPU : Device.cuda((int) known[2]);
  }

  /** Number of axes. */
  public int dim() {
    return (int) info()[INFO - 1];
  }

  /** Sizes of all axes. */
  public long[] shape() {
    return java.util.Arrays.copyOfRange(info(), INFO, INFO + dim());
  }

  /** Size of one axis; negative axes count from the end. */
  public long size(int axis) {
    int dims = dim();
    int at = axis < 0 ? axis + dims : axis;
    if (at < 0 || at >= dims) {
      throw new TorchException("axis " + axis + " of a tensor with " + dims + " axes");
    }
    return info()[INFO + at];
  }

  /** Elements between neighbours along each axis. */
  public long[] strides() {
    return java.util.Arrays.copyOfRange(info(), INFO + dim(), INFO + 2 * dim());
  }

  /** Number of elements. */
  public long numel() {
    return info()[6];
  }

  /** Whether the elements lie row-major without gaps. */
  public boolean isContiguous() {
    return info()[4] != 0;
  }

  /** Address of the storage: equal for tensors that share memory. */
  public long storage() {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_tensor_storage(pointer(), scratch.out));
    return scratch.out.get(ADDRESS, 0).address();
  }

  // ---- Autograd ----

  /** Whether operators on this tensor are recorded for {@link #backward()}. */
  public boolean requiresGrad() {
    info = null;
    return info()[3] != 0;
  }

  /** Says whether this leaf collects gradients; returns this tensor. */
  public Tensor requiresGrad(boolean wanted) {
    info = null;
    Status.check(Panamind.pm_tensor_set_requires_grad(pointer(), wanted ? 1 : 0));
    return this;
  }

  /**
   * Accumulates the gradient of this one-element tensor into the leaves of its graph, and frees the
   * graph.
   */
  public void backward() {
    var scratch = Scratch.get();
    scratch.reset();
    Status.check(
        Panamind.pm_backward(scratch.handles(new Tensor[] {this}), MemorySegment.NULL, 1, 0, 0));
  }

  /**
   * The same for a tensor of any shape, with the gradient of what follows, of this tensor's shape.
   */
  public void backward(Tensor gradient) {
    var scratch = Scratch.get();
    scratch.reset();
    var roots = scratch.handles(new Tensor[] {this});
    Status.check(Panamind.pm_backward(roots, scratch.handles(new Tensor[] {gradient}), 1, 0, 0));
  }

  /**
   * The gradient collected so far, of the current scope (it shares memory with the collected one);
   * null when none.
   */
  public Tensor grad() {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_tensor_grad(pointer(), scratch.out));
    return ownOut(scratch);
  }

  /** Replaces (or with null drops) the collected gradient. */
  public void grad(Tensor gradient) {
    var given = gradient == null ? MemorySegment.NULL : gradient.pointer();
    Status.check(Panamind.pm_tensor_set_grad(pointer(), given));
  }

  /**
   * Calls {@code hook} with each gradient of this tensor that a backward computes; see {@link
   * GradientHook}.
   */
  public GradientHook onGradient(java.util.function.Consumer<Tensor> hook) {
    return GradientHook.register(this, hook);
  }

  // ---- Life ----

  /** A second reference to the same data and graph, owned by the current scope. */
  public Tensor share() {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_tensor_share(pointer(), scratch.out));
    return ownOut(scratch);
  }

  /**
   * Takes this tensor out of all scopes: it lives until {@link #close}. For parameters, optimizer
   * state, caches.
   *
   * @return this tensor
   */
  public Tensor keepForever() {
    if (scope != null) scope.remove(this);
    return this;
  }

  /** Whether this reference has ended. */
  public boolean isClosed() {
    return handle == 0;
  }

  /**
   * Ends this reference; a second call does nothing. The data live on while a graph or another
   * reference needs them.
   */
  @Override
  public void close() {
    if (handle == 0) return;
    if (scope != null) scope.remove(this);
    Status.check(Panamind.pm_tensor_free(MemorySegment.ofAddress(release())));
  }

  /** References of all threads that have not ended, by the native side's own count. */
  public static long liveCount() {
    NativeLibrary.ensureLoaded();
    return Panamind.pm_live_tensors();
  }

  long handle() {
    if (handle == 0) throw new TorchException("this tensor is closed" + LeakReport.origin(this));
    return handle;
  }

  MemorySegment pointer() {
    return MemorySegment.ofAddress(handle());
  }

  /** Gives the handle away; the caller frees it. */
  long release() {
    long given = handle;
    handle = 0;
    scope = null;
    LeakReport.ended(this);
    return given;
  }

  void enter(TensorScope scope, int slot) {
    this.scope = scope;
    this.slot = slot;
  }

  TensorScope scope() {
    return scope;
  }

  int slot() {
    return slot;
  }

  /** The values as torch prints them. */
  public String text() {
    var pointer = pointer();
    return NativeText.read(
        (buffer, capacity, needed) -> Panamind.pm_tensor_text(pointer, buffer, capacity, needed));
  }

  /** Type, shape and device, and the value of a tensor of one element. */
  @Override
  public String toString() {
    if (handle == 0) return "Tensor(closed)";
    var value = numel() == 1 ? " = " + item() : "";
    return dtype()
        + java.util.Arrays.toString(shape())
        + (device().isCuda() ? " on " + device() : "")
        + value;
  }
}
