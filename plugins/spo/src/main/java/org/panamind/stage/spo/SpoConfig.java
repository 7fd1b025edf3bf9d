package org.panamind.stage.spo;

import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.rl.AnswerOptions;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the spo stage can be told. The defaults of the algorithm are the paper's, those of the loop
 * MiniMind's.
 *
 * @param data the prompts
 * @param start the weights to go on from, which are the reference too
 * @param answers how they are drawn and scored
 * @param rewardLow reward that counts as a failure
 * @param rewardHigh reward that counts as a success
 * @param offlineSamples answers that a prompt's first value is taken from
 * @param rhoMin share of an old value that is always kept
 * @param rhoMax share that is never exceeded
 * @param halfLife mean change of log-probability that halves the kept share
 * @param clipEpsilon how far down the ratio may move
 * @param clipEpsilonHigh how far up
 * @param dualClip most that a bad answer's ratio counts, 0 for no limit
 * @param beta weight of the divergence from the reference
 * @param numIterations updates on each batch of answers
 * @param training the loop
 */
public record SpoConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Model") StartOptions start,
    @Option(group = "Answers") AnswerOptions answers,
    @Option(help = "reward that counts as a failure; what is lower counts alike", group = "Value")
        double rewardLow,
    @Option(help = "reward that counts as a success; what is higher counts alike", group = "Value")
        double rewardHigh,
    @Option(help = "answers from which a prompt's first value is taken", group = "Value")
        int offlineSamples,
    @Option(help = "share of a prompt's old value that is always kept", group = "Value")
        double rhoMin,
    @Option(help = "share of a prompt's old value that is never exceeded", group = "Value")
        double rhoMax,
    @Option(
            help = "mean change of a token's log-probability that halves what is kept",
            unit = "nats",
            group = "Value")
        double halfLife,
    @Option(help = "a token's probability gains nothing below 1 - this", group = "Policy")
        double clipEpsilon,
    @Option(help = "nor above 1 + this", group = "Policy") double clipEpsilonHigh,
    @Option(help = "the ratio of a bad answer counts up to this, 0 for no limit", group = "Policy")
        double dualClip,
    @Option(help = "weight of the divergence (k3) from the reference", group = "Policy")
        double beta,
    @Option(help = "updates on each batch of answers", group = "Policy") int numIterations,
    @Option(group = "Training") TrainingOptions training) {
  /** The paper's, with MiniMind's loop. */
  public static final SpoConfig DEFAULT =
      new SpoConfig(
          DataOptions.of(66),
          StartOptions.from("reason"),
          AnswerOptions.DEFAULT,
          0,
          1,
          8,
          0.875,
          0.96,
          0.06,
          0.2,
          0.28,
          10,
          0,
          1,
          TrainingOptions.of("spo", 1, 2, 4, 1e-7).withWeightDecay(0).withSaveInterval(10));

  /** Checks the bounds. */
  public SpoConfig {
    Bounds.require(rewardHigh > rewardLow, "reward_high", rewardHigh, "must be above --reward_low");
    Bounds.atLeast("offline_samples", offlineSamples, 0);
    Bounds.require(rhoMin >= 0 && rhoMin < 1, "rho_min", rhoMin, "must be from 0 to below 1");
    Bounds.between("rho_max", rhoMax, rhoMin, 1);
    Bounds.positive("half_life", halfLife);
    Bounds.require(
        clipEpsilon > 0 && clipEpsilon < 1, "clip_epsilon", clipEpsilon, "must be between 0 and 1");
    Bounds.positive("clip_epsilon_high", clipEpsilonHigh);
    Bounds.require(dualClip == 0 || dualClip > 1, "dual_clip", dualClip, "must be 0 or above 1");
    Bounds.atLeast("beta", beta, 0.0);
    Bounds.atLeast("num_iterations", numIterations, 1);
    Bounds.require(
        numIterations == 1 || training.compat() == Compat.NONE,
        "num_iterations",
        numIterations,
        "must be 1 with --compat, since MiniMind takes one update");
    Bounds.require(
        numIterations == 1 || training.accumulationSteps() == 1,
        "num_iterations",
        numIterations,
        "must be 1 unless --accumulation_steps is 1: one update would see the same answers twice");
  }

  /** A reward as a share of success, 0 to 1. */
  double success(double reward) {
    return Math.clamp((reward - rewardLow) / (rewardHigh - rewardLow), 0, 1);
  }
}
