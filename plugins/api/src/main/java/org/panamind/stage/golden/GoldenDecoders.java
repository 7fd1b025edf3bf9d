package org.panamind.stage.golden;

import com.fasterxml.jackson.databind.JsonNode;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.model.hub.HubConfig;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.torch.Device;

/** Decoders and options as golden cases write them. */
public final class GoldenDecoders {
  private GoldenDecoders() {}

  /**
   * Reads weights of the case's config.
   *
   * @return to be closed by the caller
   */
  public static Decoder read(GoldenCase golden, String file, Device device) {
    return DecoderFiles.readAs(golden.folder().resolve(file), config(golden), device);
  }

  /** The case's config, the router as MiniMind has it. */
  public static ModelConfig config(GoldenCase golden) {
    return HubConfig.read(golden.expected().get("config"), golden.folder().toString());
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
