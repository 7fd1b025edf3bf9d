package org.panamind.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.torch.Device;
import org.panamind.torch.Nn;
import org.panamind.torch.Tensor;

/**
 * A decoder of MiniMind's form (a small Llama; Touvron et al. 2023, arXiv:2302.13971; or a small
 * Qwen3): embedding, blocks, a final norm, and a head that mostly shares the embedding's weight.
 * Weights are float32; under {@link org.panamind.torch.Autocast} matrix products run in the smaller
 * type. Owns its weights until {@link #close}.
 */
public final class Decoder implements AutoCloseable {
  private final ModelConfig config;
  private final Device device;
  private final Map<String, Tensor> parameters;
  private final Blocks blocks;
  private final RotaryTable rotations;
  private boolean training;

  private Decoder(ModelConfig config, Device device, Map<String, Tensor> parameters) {
    this.config = config;
    this.device = device;
    this.parameters = parameters;
    this.rotations = new RotaryTable(config, device);
    this.blocks = new Blocks(config, parameters);
  }

  /**
   * A decoder with random weights, drawn from the CPU's default generator: equal seeds give equal
   * weights.
   */
  public static Decoder random(ModelConfig config, Device device) {
    return new Decoder(config, device, DecoderParameters.random(config, device));
  }

  /** A decoder whose weights hold no values yet. */
  static Decoder empty(ModelConfig config, Device device) {
    return new Decoder(config, device, DecoderParameters.empty(config, device));
  }

  /** Sizes and choices. */
  public ModelConfig config() {
    return config;
  }

  /** Where the weights lie. */
  public Device device() {
    return device;
  }

  /**
   * The weights by name, in the order of MiniMind's state dict; a tied head once, as the embedding.
   */
  public Map<String, Tensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * Shapes [out, in] of the blocks' linear layers by module, the router of experts left out: {@code
   * model.layers.0.self_attn.q_proj} and so on.
   */
  public Map<String, long[]> projections() {
    var shapes = new LinkedHashMap<String, long[]>();
    blocks.projections().forEach((name, made) -> shapes.put(name, made.weight().shape()));
    return shapes;
  }

  /**
   * Adds low-rank weights to a linear layer in place of earlier ones.
   *
   * @param module as {@link #projections} names it
   * @param adapter borrowed until another is given; null takes the earlier ones away
   * @throws ModelConfigException if there is no such layer
   */
  public void adapt(String module, Adapter adapter) {
    var projection = blocks.projections().get(module);
    if (projection == null) throw new ModelConfigException("there is no linear layer " + module);
    projection.adapt(adapter);
  }

  /** Whether dropout and balance losses are on. */
  public boolean training() {
    return training;
  }

  /** Says whether dropout and balance losses are on; off at first. */
  public Decoder training(boolean on) {
    training = on;
    return this;
  }

  /**
   * Final hidden states, behind the last norm.
   *
   * @param ids [B, T] int64, each below V
   * @return [B, T, C]
   */
  public Tensor hidden(Tensor ids) {
    return hidden(ids, null, null);
  }

  /**
   * Final hidden states, behind the last norm; parameters as of {@link #forward}.
   *
   * @return [B, T, C]
   */
  public Tensor hidden(Tensor ids, Tensor firstKey, KvCache cache) {
    return forward(ids, firstKey, cache).hidden();
  }

  /**
   * Runs the blocks.
   *
   * @param ids [B, T] int64, each below V
   * @param firstKey [B, T] int64, the first position that each token sees, counted with those in
   *     the cache: behind left padding, or within a packed document; null when each sees all before
   *     it
   * @param cache takes these tokens' keys and values and gives those before; null for none
   * @throws ModelConfigException if the sequence exceeds the config's positions
   */
  public Activations forward(Tensor ids, Tensor firstKey, KvCache cache) {
    long past = cache == null ? 0 : cache.length();
    var rows = rotations.rows(past, ids.size(1));
    var losses = new ArrayList<Tensor>();
    double dropout = training ? config.dropout() : 0;
    var context = new Forward(rows.cos(), rows.sin(), firstKey, cache, training, dropout, losses);
    var x = context.drop(Nn.embedding(parameters.get(DecoderParameters.EMBEDDING), ids));
    int layer = 0;
    for (var block : blocks.blocks()) x = block.apply(x, layer++, context); // [B, T, C]
    if (cache != null) cache.advance(ids.size(1));
    x = Nn.rmsNorm(x, parameters.get(DecoderParameters.FINAL_NORM), config.normEps());
    return new Activations(x, losses.stream().reduce(Tensor::add).orElse(null));
  }

  /** [..., C] to logits [..., V]. */
  public Tensor logits(Tensor hidden) {
    return Nn.linear(hidden, headWeight(), null);
  }

  /**
   * Summed cross-entropy of next tokens, without holding the logits whole.
   *
   * @param hidden [B, T, C] as {@link #hidden} gives it
   * @param labels [B, T] int64: the label at t is what position t - 1 should say; -100 does not
   *     count
   * @param weights [B, T] multiplies each label's loss, or null
   * @return no axis, nats, float32
   */
  public Tensor lossSum(Tensor hidden, Tensor labels, Tensor weights) {
    long steps = hidden.size(1) - 1;
    var states = hidden.narrow(1, 0, steps).flatten(0, 1); // [B * (T - 1), C]
    var targets = labels.narrow(1, 1, steps).flatten(0, 1); // [B * (T - 1)]
    var scales = weights == null ? null : weights.narrow(1, 1, steps).flatten(0, 1);
    return Nn.linearCrossEntropySum(states, headWeight(), targets, scales, -100);
  }

  /** The head's weight, [V, C], the embedding's when tied; borrowed. */
  public Tensor headWeight() {
    var own = parameters.get(DecoderParameters.HEAD);
    return own == null ? parameters.get(DecoderParameters.EMBEDDING) : own;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    rotations.close();
    parameters.values().forEach(Tensor::close);
  }
}
