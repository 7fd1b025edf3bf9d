package org.panamind.stage.distill_reason;

import org.panamind.stage.chat.ChatChance;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the distill_reason stage can be told. The defaults are MiniMind2's.
 *
 * @param data the conversations
 * @param chance what is changed in them by chance
 * @param start the weights to go on from
 * @param tagWeight how much a token of a tag counts, other supervised tokens counting 1
 * @param training the loop
 */
public record ReasonConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Data") ChatChance chance,
    @Option(group = "Model") StartOptions start,
    @Option(
            help =
                "how much the tokens of <think>, </think>, <answer>, </answer> count, others"
                    + " counting 1",
            group = "Reasoning")
        double tagWeight,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind2's. */
  public static final ReasonConfig DEFAULT =
      new ReasonConfig(
          DataOptions.of(720),
          ChatChance.DEFAULT,
          StartOptions.from("dpo"),
          10,
          TrainingOptions.of("reason", 1, 8, 1, 1e-6).withSaveInterval(100));

  /** Checks the bounds. */
  public ReasonConfig {
    Bounds.positive("tag_weight", tagWeight);
  }
}
