package org.panamind.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.torch.Tensor;

/** Puts a decoder's blocks together from its named weights. */
final class Blocks {
  private final ModelConfig config;
  private final Map<String, Tensor> parameters;
  private final LinkedHashMap<String, Projection> projections = new LinkedHashMap<>();
  private final List<Block> blocks = new ArrayList<>();

  Blocks(ModelConfig config, Map<String, Tensor> parameters) {
    this.config = config;
    this.parameters = parameters;
    for (int layer = 0; layer < config.layerCount(); layer++)
      blocks.add(block("model.layers." + layer + "."));
  }

  /** One a layer, in order. */
  List<Block> blocks() {
    return blocks;
  }

  /**
   * Every linear layer of the blocks by its module's name, which is its weight's without the end.
   */
  Map<String, Projection> projections() {
    return Collections.unmodifiableMap(projections);
  }

  private Block block(String prefix) {
    return new Block(
        parameters.get(prefix + "input_layernorm.weight"),
        attention(prefix + "self_attn."),
        parameters.get(prefix + "post_attention_layernorm.weight"),
        config.experts() == null ? swiGlu(prefix + "mlp.") : mixture(prefix + "mlp."),
        config.normEps());
  }

  private Attention attention(String prefix) {
    return new Attention(
        config,
        projection(prefix + "q_proj"),
        projection(prefix + "k_proj"),
        projection(prefix + "v_proj"),
        projection(prefix + "o_proj"),
        parameters.get(prefix + "q_norm.weight"),
        parameters.get(prefix + "k_norm.weight"));
  }

  private SwiGlu swiGlu(String prefix) {
    return new SwiGlu(
        projection(prefix + "gate_proj"),
        projection(prefix + "up_proj"),
        projection(prefix + "down_proj"),
        config.architecture().dropsFeedForward());
  }

  private MixtureOfExperts mixture(String prefix) {
    var experts = config.experts();
    return new MixtureOfExperts(
        experts,
        new Projection(parameters.get(prefix + "gate.weight")),
        swiGlus(prefix + "experts.", experts.count()),
        swiGlus(prefix + "shared_experts.", experts.sharedCount()));
  }

  private List<SwiGlu> swiGlus(String prefix, int count) {
    var made = new ArrayList<SwiGlu>();
    for (int i = 0; i < count; i++) made.add(swiGlu(prefix + i + "."));
    return made;
  }

  private Projection projection(String name) {
    var made = new Projection(parameters.get(name + ".weight"));
    projections.put(name, made);
    return made;
  }
}
