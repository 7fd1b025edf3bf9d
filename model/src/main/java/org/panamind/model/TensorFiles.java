package org.panamind.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.model.weights.ElementType;
import org.panamind.model.weights.StoredTensor;
import org.panamind.model.weights.WeightFile;
import org.panamind.model.weights.Weights;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Named tensors to stored form and back; what is stored keeps its type, float32 stays float32. */
public final class TensorFiles {
  private TensorFiles() {}

  /** Writes stored tensors somewhere: to a safetensors file, to a {@code .pth}. */
  public interface Writer {
    /** Takes the tensors; their memory ends when this returns. */
    void write(List<StoredTensor> tensors);
  }

  /**
   * Hands tensors over for writing. CPU tensors are passed without a copy, one under two names with
   * one segment.
   *
   * @param tensors by name, borrowed
   */
  public static void store(Map<String, Tensor> tensors, Writer writer) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var stored = new ArrayList<StoredTensor>();
      tensors.forEach((name, tensor) -> stored.add(stored(name, tensor)));
      writer.write(stored);
    }
  }

  private static StoredTensor stored(String name, Tensor tensor) {
    var host = tensor.detach().to(Device.CPU).contiguous();
    return new StoredTensor(name, elementType(tensor.dtype()), tensor.shape(), host.hostMemory());
  }

  /**
   * Copies a file's tensors into those given, converting types.
   *
   * @param targets by name; the file must have exactly these names and shapes
   * @throws org.panamind.model.weights.WeightException naming what is missing, unexpected or
   *     misshapen
   */
  public static void read(WeightFile file, Map<String, Tensor> targets) {
    var shapes = new LinkedHashMap<String, long[]>();
    targets.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Weights.requireMatch(file, shapes);
    try (var no = NoGrad.enter()) {
      targets.forEach(
          (name, tensor) -> {
            try (var scope = TensorScope.open()) {
              tensor.copy_(load(file.tensors().get(name)));
            }
          });
    }
  }

  /** A CPU tensor of the stored type, owned by the current scope. */
  public static Tensor load(StoredTensor stored) {
    return Tensor.copyOf(stored.bytes(), dtype(stored.type()), stored.shape());
  }

  private static DType dtype(ElementType type) {
    return switch (type) {
      case F64 -> DType.FLOAT64;
      case F32 -> DType.FLOAT32;
      case F16 -> DType.FLOAT16;
      case BF16 -> DType.BFLOAT16;
      case I64 -> DType.INT64;
      case I32 -> DType.INT32;
      case I16 -> DType.INT16;
      case I8 -> DType.INT8;
      case U8 -> DType.UINT8;
      case BOOL -> DType.BOOL;
    };
  }

  private static ElementType elementType(DType type) {
    return switch (type) {
      case FLOAT64 -> ElementType.F64;
      case FLOAT32 -> ElementType.F32;
      case FLOAT16 -> ElementType.F16;
      case BFLOAT16 -> ElementType.BF16;
      case INT64 -> ElementType.I64;
      case INT32 -> ElementType.I32;
      case INT16 -> ElementType.I16;
      case INT8 -> ElementType.I8;
      case UINT8 -> ElementType.U8;
      case BOOL -> ElementType.BOOL;
    };
  }
}
