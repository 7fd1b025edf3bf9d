package org.panamind.stage.pretrain;

import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.ModelOptions;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the pretrain stage can be told. The defaults are MiniMind2's.
 *
 * @param data the text
 * @param pack whether documents fill whole rows
 * @param model sizes of the decoder
 * @param fromWeight weights to start from, or {@code none} for random ones
 * @param training the loop
 */
public record PretrainConfig(
    @Option(group = "Data") DataOptions data,
    @Option(
            help =
                "1 lays documents end to end in full rows, each seeing only itself; nothing is cut"
                    + " or padded",
            group = "Data")
        boolean pack,
    @Option(group = "Model") ModelOptions model,
    @Option(
            help = "weights to start from: a name in --save_dir or a file; none starts at random",
            group = "Model")
        String fromWeight,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind2's. */
  public static final PretrainConfig DEFAULT =
      new PretrainConfig(
          DataOptions.of(340),
          false,
          ModelOptions.DEFAULT,
          null,
          TrainingOptions.of("pretrain", 1, 32, 8, 5e-4));
}
