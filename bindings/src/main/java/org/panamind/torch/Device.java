package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import org.panamind.torch.ffi.Panamind;

/**
 * Where a tensor lies.
 *
 * @param type CPU or CUDA
 * @param index the GPU's number, -1 for the CPU or for the current GPU
 */
public record Device(Type type, int index) {
  /** The CPU. */
  public static final Device CPU = new Device(Type.CPU, -1);

  /** Kinds of device, with torch's numbers. */
  public enum Type {
    /** Host memory. */
    CPU(0),
    /** An NVIDIA GPU. */
    CUDA(1);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    /** Torch's DeviceType number. */
    public int number() {
      return number;
    }
  }

  /** GPU {@code index}, counted from 0. */
  public static Device cuda(int index) {
    return new Device(Type.CUDA, index);
  }

  /**
   * Reads {@code cpu}, {@code cuda} (the first GPU) or {@code cuda:N}.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Device parse(String text) {
    if (text.equals("cpu")) return CPU;
    if (text.equals("cuda")) return cuda(0);
    if (text.matches("cuda:\\d{1,3}")) return cuda(Integer.parseInt(text.substring(5)));
    throw new IllegalArgumentException("device '" + text + "' is none of cpu, cuda, cuda:N");
  }

  /** Number of GPUs that LibTorch sees; 0 without CUDA. */
  public static int cudaCount() {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_cuda_count(scratch.out));
    return scratch.out.get(JAVA_INT, 0);
  }

  /** CUDA's first GPU when LibTorch has one, else the CPU. */
  public static Device best() {
    return cudaCount() > 0 ? cuda(0) : CPU;
  }

  /** Whether this is a GPU. */
  public boolean isCuda() {
    return type == Type.CUDA;
  }

  /** Makes this GPU the current one of the calling thread; does nothing for the CPU. */
  public void makeCurrent() {
    if (!isCuda()) return;
    NativeLibrary.enter();
    Status.check(Panamind.pm_set_cuda_device(index));
  }

  /** Waits until all work queued on this device is done. */
  public void synchronize() {
    NativeLibrary.enter();
    Status.check(Panamind.pm_synchronize(type.number, index));
  }

  /** Name, compute capability and memory of a GPU; {@code cpu} for the CPU. */
  public String description() {
    if (!isCuda()) return "cpu";
    return NativeText.read(
        (buffer, capacity, needed) -> Panamind.pm_cuda_name(index, buffer, capacity, needed));
  }

  @Override
  public String toString() {
    if (type == Type.CPU) return "cpu";
    return index < 0 ? "cuda" : "cuda:" + index;
  }
}
