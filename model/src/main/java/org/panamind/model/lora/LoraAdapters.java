package org.panamind.model.lora;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.model.Adapter;
import org.panamind.model.Decoder;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.PthFile;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.WeightFile;
import org.panamind.model.weights.Weights;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * Low-rank weights beside those of one decoder (Hu et al. 2021, arXiv:2106.09685, section 4.1).
 * While attached they alone are trained: the decoder's own weights want no gradient. Owned until
 * {@link #close}, which leaves the decoder as it was, or {@link #merge}.
 */
public final class LoraAdapters implements AutoCloseable {
  private static final String A = ".lora.A.weight";
  private static final String B = ".lora.B.weight";
  private static final String ALPHA = "panamind.lora_alpha";

  private final Decoder decoder;
  private final double alpha;
  private final int rank;
  private final List<String> modules;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  private LoraAdapters(Decoder decoder, List<String> modules, int rank, double alpha) {
    this.decoder = decoder;
    this.modules = modules;
    this.rank = rank;
    this.alpha = alpha;
  }

  /**
   * Attaches new adapters: A normal with deviation 0.02 from the CPU's generator, B zero, so that
   * the decoder says at first what it said before.
   *
   * @param decoder borrowed; on its device the adapters lie
   * @throws org.panamind.model.ModelConfigException if a target matches no layer
   */
  public static LoraAdapters random(Decoder decoder, LoraConfig config) {
    var chosen = config.chosen(decoder.projections());
    var adapters = new LoraAdapters(decoder, chosen, config.rank(), config.alpha());
    adapters.make();
    adapters.attach();
    return adapters;
  }

  /**
   * Reads adapters and attaches them; layers and rank are those in the file.
   *
   * @param file safetensors, or a {@code .pth} as MiniMind writes it, which is not scaled
   * @throws WeightException if the file is damaged or its adapters are not for this decoder
   */
  public static LoraAdapters read(Path file, Decoder decoder) {
    try (var weights = Weights.open(file)) {
      var modules = modules(weights);
      int rank = Math.toIntExact(weights.tensors().get(modules.getFirst() + A).shape()[0]);
      var adapters = new LoraAdapters(decoder, modules, rank, alpha(weights, rank));
      requireLayers(weights, modules, decoder);
      adapters.make();
      try {
        TensorFiles.read(weights, adapters.parameters);
      } catch (RuntimeException e) {
        adapters.parameters.values().forEach(Tensor::close);
        throw e;
      }
      adapters.attach();
      return adapters;
    }
  }

  private static List<String> modules(WeightFile file) {
    var modules =
        file.tensors().values().stream()
            .filter(t -> t.name().endsWith(A) && t.shape().length == 2)
            .map(t -> t.name().substring(0, t.name().length() - A.length()))
            .toList();
    if (modules.isEmpty()) {
      throw new WeightException(
          file.path(), -1, "holds no matrix *" + A, "Name a file that the lora stage wrote.");
    }
    return modules;
  }

  private static void requireLayers(WeightFile file, List<String> modules, Decoder decoder) {
    for (var module : modules) {
      if (!decoder.projections().containsKey(module)) {
        throw new WeightException(
            file.path(),
            -1,
            "is for a linear layer " + module + ", which this model has not",
            "Use it with the base model that it was trained on.");
      }
    }
  }

  private static double alpha(WeightFile file, int rank) {
    var text = file.metadata().get(ALPHA);
    try {
      return text == null ? rank : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new WeightException(
          file.path(), -1, "the metadata's " + ALPHA + " is " + text, "Write the file anew.");
    }
  }

  private void make() {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      for (var module : modules) {
        long[] shape = decoder.projections().get(module);
        var a = Torch.empty(DType.FLOAT32, Device.CPU, rank, shape[1]).normal_(0, 0.02);
        put(module + A, a.to(decoder.device()));
        put(module + B, Torch.zeros(DType.FLOAT32, decoder.device(), shape[0], rank));
      }
    }
  }

  private void put(String name, Tensor tensor) {
    parameters.put(name, tensor.keepForever().requiresGrad(true));
  }

  private void attach() {
    decoder.parameters().values().forEach(weight -> weight.requiresGrad(false));
    for (var module : modules) decoder.adapt(module, adapter(module));
  }

  private Adapter adapter(String module) {
    return new Adapter(parameters.get(module + A), parameters.get(module + B), alpha / rank);
  }

  /**
   * What is trained, by MiniMind's names: {@code <module>.lora.A.weight} [rank, in] and {@code
   * <module>.lora.B.weight} [out, rank].
   */
  public Map<String, Tensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** Factor of the low-rank part: alpha / rank. */
  public double scale() {
    return alpha / rank;
  }

  /** Writes A and B as float32 safetensors, alpha in its metadata; whole or not at all. */
  public void writeSafetensors(Path file, Map<String, String> metadata) {
    var all = new LinkedHashMap<>(metadata);
    all.put(ALPHA, Double.toString(alpha));
    TensorFiles.store(parameters, tensors -> Safetensors.write(file, tensors, all));
  }

  /**
   * Writes A and B as MiniMind does. The form knows no alpha, so B is written multiplied by the
   * scale.
   *
   * @param type float32 (MiniMind2) or float16 (minimind-3)
   */
  public void writePth(Path file, DType type) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var converted = new LinkedHashMap<String, Tensor>();
      parameters.forEach(
          (name, tensor) ->
              converted.put(name, (name.endsWith(B) ? tensor.mul(scale()) : tensor).to(type)));
      TensorFiles.store(converted, tensors -> PthFile.write(file, tensors));
    }
  }

  /** Adds the low-rank part to the decoder's own weights, and detaches and frees it. */
  public void merge() {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      for (var module : modules) {
        var adapter = adapter(module);
        var weight = decoder.parameters().get(module + ".weight");
        weight.add_(adapter.b().matmul(adapter.a()), adapter.scale());
      }
    }
    close();
  }

  /** Detaches the adapters and frees them; the decoder's own weights want gradients again. */
  @Override
  public void close() {
    if (parameters.isEmpty()) return;
    for (var module : modules) decoder.adapt(module, null);
    decoder.parameters().values().forEach(weight -> weight.requiresGrad(true));
    parameters.values().forEach(Tensor::close);
    parameters.clear();
  }
}
