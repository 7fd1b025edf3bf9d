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
 * Face's for Llama.
 */
final class DecoderParameters {
  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm.weight";

  private DecoderParameters() {}

  /** Every trained weight, in the order of MiniMind's state dict. */
  static Map<String, long[]> shapes(ModelConfig config) {
    long c = config.hiddenSize();
    long kv = (long) config.kvHeadCount() * config.headWidth();
    long f = config.feedForwardSize();
    var shapes = new LinkedHashMap<String, long[]>();
    shapes.put(EMBEDDING, new long[] {config.vocabSize(), c});
    for (int layer = 0; layer < config.layerCount(); layer++) {
      var prefix = "model.layers." + layer + ".";
      shapes.put(prefix + "self_attn.q_proj.weight", new long[] {c, c});
      shapes.put(prefix + "self_attn.k_proj.weight", new long[] {kv, c});
      shapes.put(prefix + "self_attn.v_proj.weight", new long[] {kv, c});
      shapes.put(prefix + "self_attn.o_proj.weight", new long[] {c, c});
      shapes.put(prefix + "input_layernorm.weight", new long[] {c});
      shapes.put(prefix + "post_attention_layernorm.weight", new long[] {c});
      shapes.put(prefix + "mlp.gate_proj.weight", new long[] {f, c});
      shapes.put(prefix + "mlp.down_proj.weight", new long[] {c, f});
      shapes.put(prefix + "mlp.up_proj.weight", new long[] {f, c});
    }
    shapes.put(FINAL_NORM, new long[] {c});
    return shapes;
  }

  /**
   * Random weights as torch's Linear starts (He et al. 2015, arXiv:1502.01852, with a = sqrt(5)):
   * uniform within 1/sqrt(in), from the CPU's generator on every device; the embedding is the
   * head's weight and starts likewise; norms are 1.
   */
  static Map<String, Tensor> random(ModelConfig config, Device device) {
    return make(
        config,
        (name, shape) -> {
          if (shape.length == 1) return Torch.ones(DType.FLOAT32, device, shape);
          double bound = 1 / Math.sqrt(shape[1]);
          return Torch.empty(DType.FLOAT32, Device.CPU, shape).uniform_(-bound, bound).to(device);
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
