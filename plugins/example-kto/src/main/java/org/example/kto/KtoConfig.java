package org.example.kto;

import org.panamind.dataset.rows.ChatOptions;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the kto stage can be told.
 *
 * @param data pairs, of which each answer is taken by itself
 * @param start the weights to go on from, which are the reference too
 * @param beta how dear it is to leave the reference
 * @param desirableWeight of the loss of good answers
 * @param undesirableWeight of the loss of bad answers
 * @param training the loop
 */
public record KtoConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Model") StartOptions start,
    @Option(help = "strength of the tie to the reference", group = "KTO") double beta,
    @Option(help = "weight of good answers' loss", group = "KTO") double desirableWeight,
    @Option(help = "weight of bad answers' loss", group = "KTO") double undesirableWeight,
    @Option(group = "Training") TrainingOptions training) {
  /** The paper's weights. */
  public static final KtoConfig DEFAULT =
      new KtoConfig(
          DataOptions.of(1024),
          StartOptions.from("full_sft"),
          0.1,
          1,
          1,
          TrainingOptions.of("kto", 1, 4, 1, 5e-7));

  /** Checks the bounds. */
  public KtoConfig {
    Bounds.positive("beta", beta);
    Bounds.positive("desirable_weight", desirableWeight);
    Bounds.positive("undesirable_weight", undesirableWeight);
    Bounds.require(
        start.fromWeight() != null, "from_weight", "none", "must be weights to start from");
  }

  ChatOptions rows() {
    return ChatOptions.plain(data.maxSeqLen());
  }
}
