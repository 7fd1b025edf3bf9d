package org.panamind.stage.sft;

import org.panamind.stage.chat.ChatChance;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the sft stage can be told. The defaults are MiniMind2's.
 *
 * @param data the conversations
 * @param chance what is changed in them by chance
 * @param start the weights to go on from
 * @param training the loop
 */
public record SftConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Data") ChatChance chance,
    @Option(group = "Model") StartOptions start,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind2's. */
  public static final SftConfig DEFAULT =
      new SftConfig(
          DataOptions.of(340),
          ChatChance.DEFAULT,
          StartOptions.from("pretrain"),
          TrainingOptions.of("full_sft", 2, 16, 1, 1e-6));
}
