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

  /**
   * MiniMind's trainer arguments as this project's options, in the compat form of the case's
   * generation. A case without {@code args} took its trainer's defaults and a learning rate that
   * its first log row shows.
   */
  public static TrainingOptions options(GoldenCase golden) {
    JsonNode args = golden.expected().path("args");
    var all =
        TrainingOptions.of(
            "golden",
            args.path("epochs").asInt(1),
            1,
            args.path("accumulation_steps").asInt(1),
            args.has("learning_rate")
                ? args.get("learning_rate").asDouble()
                : peakRate(golden.expected().get("log")));
    return new TrainingOptions(
        all.epochs(),
        all.batchSize(),
        all.accumulationSteps(),
        all.learningRate(),
        all.warmupSteps(),
        args.path("grad_clip").asDouble(1),
        all.weightDecay(),
        all.spikeSigma(),
        all.maxSteps(),
        all.logInterval(),
        all.saveInterval(),
        all.evalInterval(),
        all.keepCheckpoints(),
        all.saveFailures(),
        all.saveDir(),
        all.checkpointDir(),
        all.saveWeight(),
        all.fromResume(),
        "cpu",
        all.dtype(),
        all.numWorkers(),
        all.seed(),
        compat(golden));
  }

  /** The form of the generation that the case's model is of. */
  public static Compat compat(GoldenCase golden) {
    return switch (config(golden).architecture()) {
      case MINIMIND2 -> Compat.MINIMIND2;
      case MINIMIND3 -> Compat.MINIMIND3;
    };
  }

  /** MiniMind's schedule, {@code 0.1 + 0.45 (1 + cos(pi step / steps))}, solved for the peak. */
  private static double peakRate(JsonNode log) {
    double first = 0.1 + 0.45 * (1 + Math.cos(Math.PI / log.size()));
    return log.get(0).get("learning_rate").asDouble() / first;
  }
}
