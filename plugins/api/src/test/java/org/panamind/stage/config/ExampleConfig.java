package org.panamind.stage.config;

import java.nio.file.Path;
import java.util.List;

/** Every type that an option can have, a shared group, and a bound. */
record ExampleConfig(
    @Option(help = "text to learn from", group = "Data") Path dataPath,
    @Option(help = "files left out", group = "Data") List<String> loraTarget,
    @Option(group = "Training") Shared training,
    @Option(help = "samples in a step", unit = "samples", group = "Training") int batchSize,
    @Option(help = "tokens at most", unit = "tokens") long maxTokens,
    @Option(help = "mixture of experts") boolean useMoe,
    @Option(help = "name of the run") String runName,
    @Option(help = "limit, when there is one") Integer limit,
    @Option(help = "what to do with bad lines") Mode badLines) {

  static final ExampleConfig DEFAULT =
      new ExampleConfig(
          null,
          List.of("q_proj", "o_proj"),
          new Shared(5e-4, null),
          8,
          1L << 40,
          false,
          "demo",
          null,
          Mode.FAIL);

  ExampleConfig {
    Bounds.atLeast("batch_size", batchSize, 1);
  }

  enum Mode {
    FAIL,
    SKIP_ALL
  }

  record Shared(
      @Option(help = "peak rate") double learningRate,
      @Option(help = "clip at this norm", group = "Limits") Double gradClip) {
    Shared {
      Bounds.positive("learning_rate", learningRate);
    }
  }
}
