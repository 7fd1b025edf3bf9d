package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.ValueLayout;
import java.util.List;
import org.panamind.torch.ffi.Panamind;

/** Tensors from nothing and from several, any operator by name, and what LibTorch this is. */
public final class Torch {
  private static final Op ZEROS = Op.of("aten::zeros");
  private static final Op ONES = Op.of("aten::ones");
  private static final Op EMPTY = Op.of("aten::empty.memory_format");
  private static final Op FULL = Op.of("aten::full");
  private static final Op ARANGE = Op.of("aten::arange.start_step");
  private static final Op EYE = Op.of("aten::eye");
  private static final Op RAND = Op.of("aten::rand");
  private static final Op RANDN = Op.of("aten::randn");
  private static final Op RANDINT = Op.of("aten::randint.low");
  private static final Op RANDPERM = Op.of("aten::randperm");
  private static final Op MULTINOMIAL = Op.of("aten::multinomial");
  private static final Op ZEROS_LIKE = Op.of("aten::zeros_like");
  private static final Op ONES_LIKE = Op.of("aten::ones_like");
  private static final Op EMPTY_LIKE = Op.of("aten::empty_like");
  private static final Op CAT = Op.of("aten::cat");
  private static final Op STACK = Op.of("aten::stack");
  private static final Op WHERE = Op.of("aten::where.self");

  private Torch() {}

  /**
   * Any operator of LibTorch, for those that have no method here.
   *
   * @param name {@code aten::topk}, {@code aten::add.Tensor}
   * @throws TorchException if this LibTorch has none of that name
   */
  public static Op op(String name) {
    var op = Op.of(name);
    op.id();
    return op;
  }

  /** Names of all registered operators. */
  public static List<String> opNames() {
    return NativeText.read(Panamind::pm_op_list).lines().toList();
  }

  /** Zeros. */
  public static Tensor zeros(DType type, Device device, long... shape) {
    return ZEROS.tensor(shape, type, null, device);
  }

  /** Zeros of type float32 on the CPU. */
  public static Tensor zeros(long... shape) {
    return zeros(DType.FLOAT32, Device.CPU, shape);
  }

  /** Ones. */
  public static Tensor ones(DType type, Device device, long... shape) {
    return ONES.tensor(shape, type, null, device);
  }

  /** Ones of type float32 on the CPU. */
  public static Tensor ones(long... shape) {
    return ones(DType.FLOAT32, Device.CPU, shape);
  }

  /** Memory as it comes; write before reading. */
  public static Tensor empty(DType type, Device device, long... shape) {
    return EMPTY.tensor(shape, type, null, device);
  }

  /** One number everywhere. */
  public static Tensor full(double value, DType type, Device device, long... shape) {
    return FULL.tensor(shape, value, type, null, device);
  }

  /** int64 numbers from {@code start} to {@code end}, the latter not taken. */
  public static Tensor arange(long start, long end, Device device) {
    return ARANGE.tensor(start, end, 1, DType.INT64, null, device);
  }

  /** Numbers from {@code start} to {@code end}, the latter not taken, in steps. */
  public static Tensor arange(double start, double end, double step, DType type, Device device) {
    return ARANGE.tensor(start, end, step, type, null, device);
  }

  /** The identity matrix, [n, n]. */
  public static Tensor eye(long n, DType type, Device device) {
    return EYE.tensor(n, type, null, device);
  }

  /** Uniform random numbers in [0, 1), from the device's default generator. */
  public static Tensor rand(DType type, Device device, long... shape) {
    return RAND.tensor(shape, type, null, device);
  }

  /** Normal random numbers with mean 0 and deviation 1, from the device's default generator. */
  public static Tensor randn(DType type, Device device, long... shape) {
    return RANDN.tensor(shape, type, null, device);
  }

  /** int64 random numbers from {@code low} to {@code high}, the latter not taken. */
  public static Tensor randint(long low, long high, Device device, long... shape) {
    return RANDINT.tensor(low, high, shape, DType.INT64, null, device);
  }

  /** 0 to n - 1 in random order, int64. */
  public static Tensor randperm(long n, Device device) {
    return RANDPERM.tensor(n, DType.INT64, null, device);
  }

  /**
   * Draws from each row of unnormalised probabilities, [rows, n].
   *
   * @return [rows, samples] places, int64, without replacement
   */
  public static Tensor multinomial(Tensor probabilities, long samples) {
    return MULTINOMIAL.tensor(probabilities, samples);
  }

  /** Zeros of the shape, type and device of another. */
  public static Tensor zerosLike(Tensor other) {
    return ZEROS_LIKE.tensor(other);
  }

  /** Ones of the shape, type and device of another. */
  public static Tensor onesLike(Tensor other) {
    return ONES_LIKE.tensor(other);
  }

  /** Memory as it comes, of the shape, type and device of another; write before reading. */
  public static Tensor emptyLike(Tensor other) {
    return EMPTY_LIKE.tensor(other);
  }

  /** Joins along an axis that all have. */
  public static Tensor cat(List<Tensor> tensors, int axis) {
    return CAT.tensor(tensors, axis);
  }

  /** Joins along a new axis. */
  public static Tensor stack(List<Tensor> tensors, int axis) {
    return STACK.tensor(tensors, axis);
  }

  /** {@code yes} where the bool {@code condition} is true, else {@code no}; shapes broadcast. */
  public static Tensor where(Tensor condition, Tensor yes, Tensor no) {
    return WHERE.tensor(condition, yes, no);
  }

  /** LibTorch's version as of the build of the native library. */
  public static String version() {
    NativeLibrary.enter();
    return Panamind.pm_torch_version().getString(0);
  }

  /** What the native library was built with. */
  public static Features features() {
    NativeLibrary.enter();
    int bits = Panamind.pm_features();
    return new Features(
        (bits & Panamind.PM_FEATURE_CUDA()) != 0,
        (bits & Panamind.PM_FEATURE_GLOO()) != 0,
        (bits & Panamind.PM_FEATURE_NCCL()) != 0);
  }

  /**
   * Parts of LibTorch that the native library was built with.
   *
   * @param cuda GPUs
   * @param gloo collectives on the CPU
   * @param nccl collectives between GPUs
   */
  public record Features(boolean cuda, boolean gloo, boolean nccl) {}

  /** LibTorch's own text on its compiler, BLAS and threads. */
  public static String buildInfo() {
    return NativeText.read(Panamind::pm_build_info);
  }

  /** Threads that one operator may use on the CPU. */
  public static int threads() {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_threads(scratch.out));
    return scratch.out.get(JAVA_INT, 0);
  }

  /** Sets the threads that one operator may use on the CPU, at least 1. */
  public static void threads(int count) {
    NativeLibrary.enter();
    Status.check(Panamind.pm_set_threads(count));
  }

  /** Lets CUDA round float32 factors of matrix products to 10 bits of fraction; off by default. */
  public static void allowTf32(boolean allowed) {
    NativeLibrary.enter();
    Status.check(Panamind.pm_set_tf32(allowed ? 1 : 0));
  }

  /**
   * Nanoseconds of adding two tensors in a plain C++ loop, mean over so many: what a call from Java
   * is compared with.
   */
  public static double timeAddNatively(Tensor a, Tensor b, long iterations) {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_time_add(a.pointer(), b.pointer(), iterations, scratch.out));
    return scratch.out.get(ValueLayout.JAVA_DOUBLE, 0);
  }
}
