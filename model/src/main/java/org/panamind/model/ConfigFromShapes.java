package org.panamind.model;

import org.panamind.model.weights.StoredTensor;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.WeightFile;

/**
 * Reads the sizes of a decoder off its weights' names and shapes; what they do not show is given.
 */
final class ConfigFromShapes {
  private static final String LAYER = "model.layers.0.";

  private final WeightFile file;
  private final ModelConfig otherwise;

  ConfigFromShapes(WeightFile file, ModelConfig otherwise) {
    this.file = file;
    this.otherwise = otherwise;
  }

  ModelConfig config() {
    long[] embedding = shape(DecoderParameters.EMBEDDING, 2);
    int hidden = Math.toIntExact(embedding[1]);
    boolean normed = has(LAYER + "self_attn.q_norm.weight");
    long queries = shape(LAYER + "self_attn.q_proj.weight", 2)[0];
    long width =
        normed ? shape(LAYER + "self_attn.q_norm.weight", 1)[0] : queries / otherwise.headCount();
    long kv = shape(LAYER + "self_attn.k_proj.weight", 2)[0];
    var architecture = normed ? Architecture.MINIMIND3 : Architecture.MINIMIND2;
    boolean known = architecture == otherwise.architecture();
    return new ModelConfig(
        architecture,
        Math.toIntExact(embedding[0]),
        hidden,
        consecutive("model.layers.", ".input_layernorm.weight"),
        heads(queries, width),
        heads(kv, width),
        Math.toIntExact(width),
        feedForwardSize(),
        otherwise.maxPositions(),
        known ? otherwise.normEps() : architecture.normEps(),
        otherwise.ropeTheta(),
        otherwise.yarn(),
        tied(),
        otherwise.dropout(),
        experts(architecture));
  }

  private static int heads(long size, long width) {
    return Math.toIntExact(Math.max(1, size / Math.max(1, width)));
  }

  private int feedForwardSize() {
    boolean dense = has(LAYER + "mlp.gate_proj.weight");
    var name = LAYER + (dense ? "mlp.gate_proj.weight" : "mlp.experts.0.gate_proj.weight");
    return Math.toIntExact(shape(name, 2)[0]);
  }

  /** How many experts a token gets is not in the weights. */
  private Experts experts(Architecture architecture) {
    int count = consecutive(LAYER + "mlp.experts.", ".gate_proj.weight");
    if (count == 0) return null;
    int shared = consecutive(LAYER + "mlp.shared_experts.", ".gate_proj.weight");
    var usual =
        switch (architecture) {
          case MINIMIND2 -> Experts.MINIMIND2;
          case MINIMIND3 -> Experts.MINIMIND3;
        };
    var base = otherwise.experts() == null ? usual : otherwise.experts();
    return new Experts(
        count,
        Math.min(count, base.perToken()),
        shared,
        feedForwardSize(),
        base.renormalise(),
        base.balance(),
        base.balanceWeight());
  }

  private boolean tied() {
    StoredTensor head = file.tensors().get(DecoderParameters.HEAD);
    StoredTensor embedding = file.tensors().get(DecoderParameters.EMBEDDING);
    return head == null || !DecoderFiles.differ(head, embedding);
  }

  private int consecutive(String before, String after) {
    int count = 0;
    while (has(before + count + after)) count++;
    return count;
  }

  private boolean has(String name) {
    return file.tensors().containsKey(name);
  }

  private long[] shape(String name, int axes) {
    var tensor = file.tensors().get(name);
    if (tensor == null || tensor.shape().length != axes) {
      throw new WeightException(
          file.path(),
          -1,
          name + " is missing or has not " + axes + " axes",
          "Name a file with a MiniMind decoder.");
    }
    return tensor.shape();
  }
}
