package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;
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
  private final LeakReport.Watch watch = LeakReport.made(this);
  private long handle;
  private TensorScope scope;
  private int slot = -1;

  private Tensor(long handle) {
    this.handle = handle;
  }

  /** Takes over a reference that the native side gave. */
  static Tensor own(long handle) {
    if (handle == 0) return null;
    var tensor = new Tensor(handle);
    var current = TensorScope.current();
    if (current != null) current.add(tensor);
    return tensor;
  }

  /** Takes over the reference in the out place. */
  static Tensor ownOut(Scratch scratch) {
    return own(scratch.out.get(JAVA_LONG, 0));
  }

  // ---- From Java ----

  /**
   * A float32 CPU tensor with a copy of {@code data} in row-major order.
   *
   * @param shape sizes whose product is the number of elements; left out, the result has one axis
   */
  public static Tensor of(float[] data, long... shape) {
    return HostCopy.in(MemorySegment.ofArray(data), DType.FLOAT32, data.length, shape);
  }

  /** A float64 CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(double[] data, long... shape) {
    return HostCopy.in(MemorySegment.ofArray(data), DType.FLOAT64, data.length, shape);
  }

  /** An int64 CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(long[] data, long... shape) {
    return HostCopy.in(MemorySegment.ofArray(data), DType.INT64, data.length, shape);
  }

  /** An int32 CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(int[] data, long... shape) {
    return HostCopy.in(MemorySegment.ofArray(data), DType.INT32, data.length, shape);
  }

  /** A bool CPU tensor; otherwise as {@link #of(float[], long...)}. */
  public static Tensor of(boolean[] data, long... shape) {
    var bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) bytes[i] = (byte) (data[i] ? 1 : 0);
    return HostCopy.in(MemorySegment.ofArray(bytes), DType.BOOL, data.length, shape);
  }

  /** A float32 CPU tensor with no axis. */
  public static Tensor scalar(double value) {
    var one = new float[] {(float) value};
    return HostCopy.in(MemorySegment.ofArray(one), DType.FLOAT32, new long[0]);
  }

  /**
   * A CPU tensor with a copy of the elements in {@code data}, row-major, in native byte order.
   *
   * @throws TorchException if the shape and type do not make {@code data.byteSize()} bytes
   */
  public static Tensor copyOf(MemorySegment data, DType type, long... shape) {
    return HostCopy.in(data, type, shape);
  }

  // ---- To Java ----

  /** The elements as floats, row-major, whatever the type and device. */
  public float[] toFloatArray() {
    var values = new float[Math.toIntExact(numel())];
    HostCopy.out(
        this,
        DType.FLOAT32,
        from -> MemorySegment.copy(from, JAVA_FLOAT, 0, values, 0, values.length));
    return values;
  }

  /** The elements as doubles, row-major, whatever the type and device. */
  public double[] toDoubleArray() {
    var values = new double[Math.toIntExact(numel())];
    HostCopy.out(
        this,
        DType.FLOAT64,
        from -> MemorySegment.copy(from, JAVA_DOUBLE, 0, values, 0, values.length));
    return values;
  }

  /** The elements as longs, row-major, whatever the type and device; fractions are cut off. */
  public long[] toLongArray() {
    var values = new long[Math.toIntExact(numel())];
    HostCopy.out(
        this,
        DType.INT64,
        from -> MemorySegment.copy(from, JAVA_LONG, 0, values, 0, values.length));
    return values;
  }

  /**
   * Copies the elements, row-major, into native memory of exactly their size.
   *
   * @throws TorchException if the size differs
   */
  public void copyTo(MemorySegment target) {
    Status.check(Panamind.pm_tensor_to_host(pointer(), target, target.byteSize()));
  }

  /**
   * The elements where they lie, without a copy, read-only; to be used while this tensor is open.
   *
   * @throws TorchException if this tensor is not on the CPU or not contiguous
   */
  public MemorySegment hostMemory() {
    if (device().isCuda() || !isContiguous()) {
      throw new TorchException(
          "only a contiguous CPU tensor has host memory in order; this is " + this);
    }
    var scratch = Scratch.get();
    Status.check(Panamind.pm_tensor_data(pointer(), scratch.out));
    return scratch.out.get(ADDRESS, 0).reinterpret(numel() * dtype().bytes()).asReadOnly();
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

  // ---- Metadata ----

  /** Type of the elements. */
  public DType dtype() {
    return DType.ofNumber(Metadata.get(this, Metadata.DTYPE));
  }

  /**
   * Where the elements lie.
   *
   * @throws TorchException if that is neither the CPU nor a CUDA device
   */
  public Device device() {
    long type = Metadata.get(this, Metadata.DEVICE_TYPE);
    if (type == Device.Type.CPU.number()) return Device.CPU;
    if (type == Device.Type.CUDA.number()) {
      return Device.cuda((int) Metadata.get(this, Metadata.DEVICE_INDEX));
    }
    throw new TorchException("torch's device type " + type + " has no counterpart in Device");
  }

  /** Number of axes. */
  public int dim() {
    return (int) Metadata.get(this, Metadata.AXES);
  }

  /** Sizes of all axes. */
  public long[] shape() {
    return Metadata.sizes(this);
  }

  /** Size of one axis; negative axes count from the end. */
  public long size(int axis) {
    long[] sizes = shape();
    int at = axis < 0 ? axis + sizes.length : axis;
    if (at < 0 || at >= sizes.length) {
      throw new TorchException("axis " + axis + " of a tensor with " + sizes.length + " axes");
    }
    return sizes[at];
  }

  /** Elements between neighbours along each axis. */
  public long[] strides() {
    return Metadata.strides(this);
  }

  /** Number of elements. */
  public long numel() {
    return Metadata.get(this, Metadata.NUMEL);
  }

  /** Whether the elements lie row-major without gaps. */
  public boolean isContiguous() {
    return Metadata.get(this, Metadata.CONTIGUOUS) != 0;
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
    return Metadata.get(this, Metadata.REQUIRES_GRAD) != 0;
  }

  /** Says whether this leaf collects gradients; returns this tensor. */
  public Tensor requiresGrad(boolean wanted) {
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

  /**
   * Replaces (or with null drops) the collected gradient.
   *
   * @throws TorchException if its shape is not this tensor's
   */
  public void grad(Tensor gradient) {
    if (gradient != null && !Arrays.equals(gradient.shape(), shape())) {
      throw new TorchException(
          "a gradient of shape "
              + Arrays.toString(gradient.shape())
              + " was given to a tensor of shape "
              + Arrays.toString(shape()));
    }
    var given = gradient == null ? MemorySegment.NULL : gradient.pointer();
    Status.check(Panamind.pm_tensor_set_grad(pointer(), given));
  }

  /**
   * Calls {@code hook} with each gradient of this tensor that a backward computes; see {@link
   * GradientHook}.
   */
  public GradientHook onGradient(Consumer<Tensor> hook) {
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
    NativeLibrary.enter();
    return Panamind.pm_live_tensors();
  }

  long handle() {
    if (handle == 0) throw new TorchException("this tensor is closed" + LeakReport.origin(watch));
    return handle;
  }

  MemorySegment pointer() {
    NativeLibrary.enter();
    return MemorySegment.ofAddress(handle());
  }

  /** Gives the handle away; the caller frees it. */
  long release() {
    long given = handle;
    handle = 0;
    scope = null;
    LeakReport.ended(watch);
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
        + Arrays.toString(shape())
        + (device().isCuda() ? " on " + device() : "")
        + value;
  }
}
