package org.panamind.model.hub;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.panamind.model.ModelConfig;
import org.panamind.model.weights.StoredTensor;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.WeightFile;

/**
 * InternLM2's weights (Cai et al. 2024, arXiv:2403.17297, section 2.2) under Llama's names. It is a
 * Llama but for the names and for queries, keys and values in one matrix: for each key/value head
 * first the rows of the query heads that share it, then its key's, then its value's.
 */
final class InternLm2Names {
  private static final String EMBEDDING = "model.tok_embeddings.weight";
  private static final String FUSED = "attention.wqkv";
  private static final Pattern LAYER = Pattern.compile("(model\\.layers\\.\\d+\\.)(.+)\\.weight");

  private static final Map<String, String> OUTSIDE =
      Map.of(EMBEDDING, "model.embed_tokens.weight", "output.weight", "lm_head.weight");

  private static final Map<String, String> INSIDE =
      Map.of(
          "attention_norm", "input_layernorm",
          "ffn_norm", "post_attention_layernorm",
          "attention.wo", "self_attn.o_proj",
          "feed_forward.w1", "mlp.gate_proj",
          "feed_forward.w2", "mlp.down_proj",
          "feed_forward.w3", "mlp.up_proj");

  private InternLm2Names() {}

  /** Whether weights have these names. */
  static boolean isOne(WeightFile file) {
    return file.tensors().containsKey(EMBEDDING);
  }

  /**
   * The same weights under Llama's names; what has no other name keeps its own.
   *
   * @return takes {@code file} over
   * @throws WeightException if a fused matrix does not have the config's heads
   */
  static WeightFile translated(WeightFile file, ModelConfig config) {
    var arena = Arena.ofShared();
    try {
      var tensors = new ArrayList<StoredTensor>();
      for (StoredTensor tensor : file.tensors().values()) {
        Matcher layer = LAYER.matcher(tensor.name());
        if (!layer.matches())
          tensors.add(tensor.renamed(OUTSIDE.getOrDefault(tensor.name(), tensor.name())));
        else if (layer.group(2).equals(FUSED))
          tensors.addAll(new Fused(file, tensor, config, arena).split(layer.group(1)));
        else {
          String own = layer.group(2);
          tensors.add(tensor.renamed(layer.group(1) + INSIDE.getOrDefault(own, own) + ".weight"));
        }
      }
      return file.as(tensors, arena);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Queries, keys and values in one matrix, [(H + 2 K) D, C]. */
  private record Fused(WeightFile file, StoredTensor tensor, ModelConfig config, Arena arena) {
    Fused {
      long rows = (config.headCount() + 2L * config.kvHeadCount()) * config.headWidth();
      long[] wanted = {rows, config.hiddenSize()};
      if (!Arrays.equals(tensor.shape(), wanted)) {
        throw new WeightException(
            file.path(),
            -1,
            "%s is %s, the heads of config.json make it %s"
                .formatted(tensor.name(), Arrays.toString(tensor.shape()), Arrays.toString(wanted)),
            "Copy config.json and weights from one place.");
      }
    }

    List<StoredTensor> split(String layer) {
      int sharing = config.headCount() / config.kvHeadCount();
      return List.of(
          part(layer + "self_attn.q_proj.weight", 0, sharing),
          part(layer + "self_attn.k_proj.weight", sharing, 1),
          part(layer + "self_attn.v_proj.weight", sharing + 1, 1));
    }

    /** Of each group of heads those from {@code first} on, a copy. */
    private StoredTensor part(String name, int first, int count) {
      int group = config.headCount() / config.kvHeadCount() + 2;
      long head = tensor.bytes().byteSize() / ((long) group * config.kvHeadCount());
      MemorySegment bytes = arena.allocate(head * count * config.kvHeadCount(), Long.BYTES);
      for (int k = 0; k < config.kvHeadCount(); k++) {
        MemorySegment.copy(
            tensor.bytes(),
            head * ((long) k * group + first),
            bytes,
            head * k * count,
            head * count);
      }
      long rows = (long) count * config.kvHeadCount() * config.headWidth();
      return new StoredTensor(name, tensor.type(), new long[] {rows, config.hiddenSize()}, bytes);
    }
  }
}
