package org.panamind.stage.golden;

import com.fasterxml.jackson.databind.JsonNode;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.model.Yarn;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.torch.Device;

/** Decoders and options as golden cases write them. */
public final class GoldenDecoders {
  private GoldenDecoders() {}

  /**
   * Reads weights of the case's config on the CPU.
   *
   * @return to be closed by the caller
   */
  public static Decoder read(GoldenCase golden, String file) {
    return DecoderFiles.readAs(
        golden.folder().resolve(file), config(golden.expected().get("config")), Device.CPU);
  }

  /** MiniMind's config object as this project's. */
  public static ModelConfig config(JsonNode config) {
    return ModelConfig.minimind2(
        config.get("vocab_size").asInt(),
        config.get("hidden_size").asInt(),
        config.get("num_hidden_layers").asInt(),
        config.get("num_attention_heads").asInt(),
        config.get("num_key_value_heads").asInt(),
        config.get("intermediate_size").asInt(),
        config.get("max_position_embeddings").asInt(),
        config.get("rope_theta").asDouble(),
        config.get("inference_rope_scaling").asBoolean() ? yarn(config.get("rope_scaling")) : null,
        config.get("dropout").asDouble());
  }

  private static Yarn yarn(JsonNode scaling) {
    return new Yarn(
        scaling.get("factor").asDouble(),
        scaling.get("original_max_position_embeddings").asInt(),
        scaling.get("beta_fast").asDouble(),
        scaling.get("beta_slow").asDouble(),
        scaling.get("attention_factor").asDouble());
  }

  /** MiniMind's trainer arguments as this project's options, in its compat form. */
  public static TrainingOptions options(GoldenCase golden) {
    JsonNode args = golden.expected().get("args");
    var all =
        TrainingOptions.of(
            "golden",
            args.get("epochs").asInt(),
            1,
            args.get("accumulation_steps").asInt(),
            args.get("learning_rate").asDouble());
    return new TrainingOptions(
        all.epochs(),
        all.batchSize(),
        all.accumulationSteps(),
        all.learningRate(),
        all.warmupSteps(),
        args.get("grad_clip").asDouble(),
        all.weightDecay(),
        all.maxSteps(),
        all.logInterval(),
        all.saveInterval(),
        all.evalInterval(),
        all.keepCheckpoints(),
        all.saveDir(),
        all.checkpointDir(),
        all.saveWeight(),
        all.fromResume(),
        "cpu",
        all.dtype(),
        all.numWorkers(),
        all.seed(),
        Compat.MINIMIND2);
  }
}
