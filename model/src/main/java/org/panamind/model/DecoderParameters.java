package org.panamind.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * Names, shapes and first values of a decoder's weights. Names are MiniMind's, which are Hugging
 * Face's for Llama and Qwen3.
 */
final class DecoderParameters {
  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm.weight";
  static final String HEAD = "lm_head.weight";

  private final ModelConfig config;
  private final LinkedHashMap<String, long[]> shapes = new LinkedHashMap<>();

  private DecoderParameters(ModelConfig config) {
    this.config = config;
    shapes.put(EMBEDDING, new long[] {config.vocabSize(), config.hiddenSize()});
    for (int layer = 0; layer < config.layerCount(); layer++) block("model.layers." + layer + ".");
    shapes.put(FINAL_NORM, new long[] {config.hiddenSize()});
    if (!config.tiedEmbedding())
      shapes.put(HEAD, new long[] {config.vocabSize(), config.hiddenSize()});
  }

  /** Every trained weight, in the order of MiniMind's state dict. */
  static Map<String, long[]> shapes(ModelConfig config) {
    return new DecoderParameters(config).shapes;
  }

  static long count(ModelConfig config) {
    long sum = 0;
    for (long[] shape : shapes(config).values())
      sum += shape[0] * (shape.length > 1 ? shape[1] : 1);
    return sum;
  }

  private void block(String prefix) {
    long c = config.hiddenSize();
    long queries = (long) config.headCount() * config.headWidth();
    long kv = (long) config.kvHeadCount() * config.headWidth();
    shapes.put(prefix + "self_attn.q_proj.weight", new long[] {queries, c});
    shapes.put(prefix + "self_attn.k_proj.weight", new long[] {kv, c});
    shapes.put(prefix + "self_attn.v_proj.weight", new long[] {kv, c});
    shapes.put(prefix + "self_attn.o_proj.weight", new long[] {c, queries});
    if (config.architecture().normalisesHeads()) {
      shapes.put(prefix + "self_attn.q_norm.weight", new long[] {config.headWidth()});
      shapes.put(prefix + "self_attn.k_norm.weight", new long[] {config.headWidth()});
    }
    shapes.put(prefix + "input_layernorm.weight", new long[] {c});
    shapes.put(prefix + "post_attention_layernorm.weight", new long[] {c});
    if (config.experts() == null) feedForward(prefix + "mlp.", config.feedForwardSize());
    else experts(prefix + "mlp.", config.experts());
  }

  private void experts(String prefix, Experts experts) {
    int width = experts.feedForwardSize();
    boolean gateFirst = config.architecture() == Architecture.MINIMIND3;
    if (gateFirst) gate(prefix, experts);
    for (int e = 0; e < experts.count(); e++) feedForward(prefix + "experts." + e + ".", width);
    if (!gateFirst) gate(prefix, experts);
    for (int s = 0; s < experts.sharedCount(); s++)
      feedForward(prefix + "shared_experts." + s + ".", width);
  }

  private void gate(String prefix, Experts experts) {
    shapes.put(prefix + "gate.weight", new long[] {experts.count(), config.hiddenSize()});
  }

  private void feedForward(String prefix, long f) {
    long c = config.hiddenSize();
    shapes.put(prefix + "gate_proj.weight", new long[] {f, c});
    shapes.put(prefix + "down_proj.weight", new long[] {c, f});
    shapes.put(prefix + "up_proj.weight", new long[] {f, c});
  }

  /**
   * Random weights from the CPU's generator on every device; norms are 1. MiniMind2 starts as
   * torch's Linear (He et al. 2015, arXiv:1502.01852, with a = sqrt(5)): uniform within 1/sqrt(in),
   * the embedding, which is the head's weight, likewise. minimind-3 starts normal with deviation
   * 0.02.
   */
  static Map<String, Tensor> random(ModelConfig config, Device device) {
    return make(
        config,
        (name, shape) -> {
          if (shape.length == 1) return Torch.ones(DType.FLOAT32, device, shape);
          var values = Torch.empty(DType.FLOAT32, Device.CPU, shape);
          double bound = 1 / Math.sqrt(shape[1]);
          return switch (config.architecture()) {
            case MINIMIND2 -> values.uniform_(-bound, bound).to(device);
            case MINIMIND3 -> values.normal_(0, 0.02).to(device);
          };
        });
  }

  /** Weights as they come, to be read from a file. */
  static Map<String, Tensor> empty(ModelConfig config, Device device) {
    return make(config, (name, shape) -> Torch.empty(DType.FLOAT32, device, shape));
  }

  private static Map<String, Tensor> make(
      ModelConfig config, BiFunction<String, long[], Tensor> maker) {
    var parameters = new LinkedHashMap<String, Tensor>();
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      shapes(config)
          .forEach(
              (name, shape) ->
                  parameters.put(name, maker.apply(name, shape).keepForever().requiresGrad(true)));
    }
    return parameters;
  }
}
