package org.panamind.stage.dpo;

import org.panamind.dataset.rows.ChatOptions;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the dpo stage can be told. The defaults are MiniMind2's.
 *
 * @param data the pairs
 * @param emptyThinkRatio how often an empty thinking block stays
 * @param start the weights to go on from, which are the reference too
 * @param beta how dear it is to leave the reference
 * @param dpoLengthNorm whether log-probabilities are taken a token
 * @param lossType the form of the loss
 * @param labelSmoothing share of pairs thought to be the wrong way round
 * @param training the loop
 */
public record DpoConfig(
    @Option(group = "Data") DataOptions data,
    @Option(help = "share of empty <think> blocks that stay; minimind-3 has 0.2", group = "Data")
        double emptyThinkRatio,
    @Option(group = "Model") StartOptions start,
    @Option(help = "strength of the tie to the reference", group = "Preference") double beta,
    @Option(
            help =
                "1 takes the mean of an answer's log-probabilities instead of the sum; --compat"
                    + " minimind2 always does",
            group = "Preference")
        boolean dpoLengthNorm,
    @Option(help = "form of the loss", group = "Preference") LossType lossType,
    @Option(
            help = "share of pairs thought to be labelled the wrong way round",
            group = "Preference")
        double labelSmoothing,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind2's. */
  public static final DpoConfig DEFAULT =
      new DpoConfig(
          DataOptions.of(1024),
          0.05,
          StartOptions.from("full_sft"),
          0.1,
          false,
          LossType.SIGMOID,
          0,
          TrainingOptions.of("dpo", 1, 4, 1, 4e-8).withSaveInterval(100));

  /** Checks the bounds. */
  public DpoConfig {
    Bounds.between("empty_think_ratio", emptyThinkRatio, 0, 1);
    Bounds.positive("beta", beta);
    Bounds.require(lossType != null, "loss_type", "none", "must be sigmoid, ipo or hinge");
    Bounds.require(
        labelSmoothing >= 0 && labelSmoothing < 0.5,
        "label_smoothing",
        labelSmoothing,
        "must be from 0 to below 0.5");
    Bounds.require(
        start.fromWeight() != null, "from_weight", "none", "must be weights to start from");
  }

  /** How pairs become rows. */
  ChatOptions rows() {
    boolean scan = training.compat() != Compat.NONE;
    return new ChatOptions(data.maxSeqLen(), 0, emptyThinkRatio, scan, training.seed());
  }

  /** The loss that these options ask for. */
  PreferenceLoss loss() {
    boolean mean = dpoLengthNorm || training.compat() == Compat.MINIMIND2;
    return new PreferenceLoss(beta, mean, lossType, labelSmoothing);
  }
}
