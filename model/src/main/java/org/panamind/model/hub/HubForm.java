package org.panamind.model.hub;

import org.panamind.model.Architecture;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;

/** Hugging Face's models that compute what ours do. */
enum HubForm {
  LLAMA("LlamaForCausalLM", "llama"),
  QWEN3("Qwen3ForCausalLM", "qwen3"),
  QWEN3_MOE("Qwen3MoeForCausalLM", "qwen3_moe");

  private final String architecture;
  private final String modelType;

  HubForm(String architecture, String modelType) {
    this.architecture = architecture;
    this.modelType = modelType;
  }

  String architecture() {
    return architecture;
  }

  String modelType() {
    return modelType;
  }

  static HubForm of(ModelConfig config) {
    var experts = config.experts();
    if (config.architecture() == Architecture.MINIMIND2) {
      if (experts == null) return LLAMA;
      throw new ModelConfigException(
          "a MiniMind2 with experts cannot be written as a Hugging Face folder: LlamaForCausalLM"
              + " has no experts. Export it as safetensors or pth.");
    }
    if (experts == null) return QWEN3;
    if (experts.sharedCount() == 0) return QWEN3_MOE;
    throw new ModelConfigException(
        "a minimind-3 with %d shared experts cannot be written as a Hugging Face folder: Qwen3MoeForCausalLM has none. Export it as safetensors or pth."
            .formatted(experts.sharedCount()));
  }
}
