package org.panamind.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.panamind.model.Architecture;
import org.panamind.model.Experts;
import org.panamind.model.Experts.Renormalise;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;
import org.panamind.model.Yarn;

/** A decoder's config in Hugging Face's words ({@code config.json}). */
public final class HubConfig {
  private static final ObjectMapper JSON = new ObjectMapper();

  private HubConfig() {}

  /**
   * Writes a config as LlamaForCausalLM, Qwen3ForCausalLM or Qwen3MoeForCausalLM.
   *
   * @throws ModelConfigException if none of them computes what this config does
   */
  public static ObjectNode write(ModelConfig config, HubExport export) {
    var form = HubForm.of(config);
    var node = JSON.createObjectNode();
    node.putArray("architectures").add(form.architecture());
    node.put("model_type", form.modelType());
    node.put("vocab_size", config.vocabSize());
    node.put("hidden_size", config.hiddenSize());
    node.put("intermediate_size", config.feedForwardSize());
    node.put("num_hidden_layers", config.layerCount());
    node.put("num_attention_heads", config.headCount());
    node.put("num_key_value_heads", config.kvHeadCount());
    node.put("head_dim", config.headWidth());
    node.put("hidden_act", "silu");
    node.put("max_position_embeddings", config.maxPositions());
    node.put("rms_norm_eps", config.normEps());
    node.put("rope_theta", config.ropeTheta());
    node.set("rope_scaling", ropeScaling(config.yarn()));
    node.put("tie_word_embeddings", config.tiedEmbedding());
    node.put("attention_bias", false);
    node.put("attention_dropout", 0.0);
    node.put("bos_token_id", export.bosId());
    node.put("eos_token_id", export.eosId());
    node.put("pad_token_id", export.padId());
    node.put("torch_dtype", export.type().name().toLowerCase(Locale.ROOT));
    node.put("use_cache", true);
    switch (form) {
      case LLAMA -> node.put("mlp_bias", false);
      case QWEN3 -> node.put("use_sliding_window", false);
      case QWEN3_MOE -> experts(node, config.experts());
    }
    return node;
  }

  private static JsonNode ropeScaling(Yarn yarn) {
    if (yarn == null) return JSON.nullNode();
    var node = JSON.createObjectNode();
    node.put("rope_type", "yarn");
    node.put("factor", yarn.factor());
    node.put("original_max_position_embeddings", yarn.originalPositions());
    node.put("beta_fast", yarn.betaFast());
    node.put("beta_slow", yarn.betaSlow());
    node.put("attention_factor", yarn.attentionFactor());
    return node;
  }

  private static void experts(ObjectNode node, Experts experts) {
    boolean renormalises =
        switch (experts.renormalise()) {
          case NEVER -> false;
          case ABOVE_ONE -> experts.perToken() > 1;
          case ALWAYS -> true;
        };
    node.put("use_sliding_window", false);
    node.put("num_experts", experts.count());
    node.put("num_experts_per_tok", experts.perToken());
    node.put("moe_intermediate_size", experts.feedForwardSize());
    node.put("norm_topk_prob", renormalises);
    node.put("router_aux_loss_coef", experts.balanceWeight());
    node.put("output_router_logits", false);
    node.put("decoder_sparse_step", 1);
    node.putArray("mlp_only_layers");
  }

  /**
   * Reads a config of a Llama, InternLM2, Qwen3 or Qwen3-MoE of our form, or of MiniMind of either
   * generation. What is not told is as in that model's own code. Experts whose weights are made to
   * sum to 1 stay so, with one a token too, since they were trained so.
   *
   * @param node what stands in {@code config.json}
   * @param where named in messages, the file
   * @throws ModelConfigException if something is missing or asks for what our decoder does not
   *     compute
   */
  public static ModelConfig read(JsonNode node, String where) {
    var form = new HubFields(node, where);
    refuseOthers(form);
    boolean third = form.architecture() == Architecture.MINIMIND3;
    double usualEps = form.isInternLm2() ? 1e-6 : form.architecture().normEps();
    double usualTheta = form.isInternLm2() ? 1e4 : 1e6;
    boolean usuallyTied = !form.isInternLm2() && (!form.isForeign() || !third);
    return new ModelConfig(
        form.architecture(),
        form.size("vocab_size"),
        form.size("hidden_size"),
        form.size("num_hidden_layers"),
        form.size("num_attention_heads"),
        form.size("num_key_value_heads", form.size("num_attention_heads")),
        form.size("head_dim", 0),
        form.size("intermediate_size", 0),
        form.size("max_position_embeddings"),
        form.number("rms_norm_eps", usualEps),
        form.rope().number("rope_theta", form.number("rope_theta", usualTheta)),
        yarn(form),
        form.flag("tie_word_embeddings", usuallyTied),
        form.number("dropout", 0),
        experts(form));
  }

  private static void refuseOthers(HubFields form) {
    form.require("hidden_act", "silu", "silu");
    for (var flag : new String[] {"attention_bias", "mlp_bias", "use_sliding_window"})
      form.require(flag, "false", "false");
    if (form.isInternLm2()) form.require("bias", "false", "true");
    form.require("decoder_sparse_step", "1", "1");
    form.require("mlp_only_layers", "[]", "[]");
  }

  private static Yarn yarn(HubFields form) {
    if (!form.isForeign() && !form.flag("inference_rope_scaling", false)) return null;
    var rope = form.rope();
    var type = rope.text("rope_type", rope.text("type", "default"));
    // Dynamic scaling begins behind the longest sequence, which we refuse to exceed.
    if (type.equals("default") || type.equals("dynamic")) return null;
    if (!type.equals("yarn"))
      throw form.wrong("rope_scaling of type " + type + " is not known, only yarn is");
    var usual = Yarn.DEFAULT;
    return new Yarn(
        rope.number("factor", usual.factor()),
        rope.size("original_max_position_embeddings", usual.originalPositions()),
        rope.number("beta_fast", usual.betaFast()),
        rope.number("beta_slow", usual.betaSlow()),
        rope.number("attention_factor", usual.attentionFactor()));
  }

  private static Experts experts(HubFields form) {
    if (!form.hasExperts()) return null;
    boolean renormalises = form.flag("norm_topk_prob", !form.isForeign());
    if (form.architecture() == Architecture.MINIMIND2) {
      return new Experts(
          form.size("n_routed_experts"),
          form.size("num_experts_per_tok"),
          form.size("n_shared_experts"),
          0,
          renormalises ? Renormalise.ABOVE_ONE : Renormalise.NEVER,
          form.flag("seq_aux", true) ? Experts.Balance.PER_SEQUENCE : Experts.Balance.PER_BATCH,
          form.number("aux_loss_alpha", Experts.MINIMIND2.balanceWeight()));
    }
    return new Experts(
        form.size("num_experts"),
        form.size("num_experts_per_tok"),
        0,
        form.size("moe_intermediate_size", 0),
        renormalises ? Renormalise.ALWAYS : Renormalise.NEVER,
        Experts.Balance.PER_BATCH,
        form.number("router_aux_loss_coef", Experts.MINIMIND3.balanceWeight()));
  }
}
