package org.panamind.stage.grpo;

import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.rl.AnswerOptions;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the grpo stage can be told. The defaults are MiniMind2's.
 *
 * @param data the prompts
 * @param start the weights to go on from, which are the reference too
 * @param answers how they are drawn and scored
 * @param numGenerations answers to each prompt
 * @param lossType the variant
 * @param clipEpsilon how far the ratio may move
 * @param clipEpsilonHigh how far up, or null for the same
 * @param beta weight of the divergence from the reference
 * @param numIterations updates on each batch of answers
 * @param scaleRewards what rewards are divided by
 * @param dynamicSampling how often groups are drawn before those with equal rewards are left out, 0
 *     to leave them in
 * @param overlongBuffer tokens before the limit from which on length costs
 * @param training the loop
 */
public record GrpoConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Model") StartOptions start,
    @Option(group = "Answers") AnswerOptions answers,
    @Option(help = "answers to each prompt", group = "Answers") int numGenerations,
    @Option(help = "how tokens become one loss, and what is clipped", group = "Policy")
        LossType lossType,
    @Option(help = "a token's probability gains nothing below 1 - this", group = "Policy")
        double clipEpsilon,
    @Option(help = "nor above 1 + this; none takes clip_epsilon, and 4 for cispo", group = "Policy")
        Double clipEpsilonHigh,
    @Option(help = "weight of the divergence (k3) from the reference", group = "Policy")
        double beta,
    @Option(help = "updates on each batch of answers", group = "Policy") int numIterations,
    @Option(help = "what rewards are divided by", group = "Policy") Scale scaleRewards,
    @Option(
            help =
                "draws a group whose rewards are all equal again, so many times in all, then leaves"
                    + " it out; 0 leaves it in",
            group = "Policy")
        int dynamicSampling,
    @Option(
            help =
                "tokens before max_gen_len over which the reward falls by 1 (DAPO's overlong"
                    + " shaping); 0 for none",
            unit = "tokens",
            group = "Policy")
        int overlongBuffer,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind2's. */
  public static final GrpoConfig DEFAULT =
      new GrpoConfig(
          DataOptions.of(66),
          StartOptions.from("reason"),
          AnswerOptions.DEFAULT,
          8,
          LossType.GRPO,
          0.2,
          null,
          0.02,
          1,
          Scale.GROUP,
          0,
          0,
          TrainingOptions.of("grpo", 1, 2, 1, 8e-8).withWeightDecay(0).withSaveInterval(10));

  /** Checks the bounds. */
  public GrpoConfig {
    Bounds.atLeast("num_generations", numGenerations, 2);
    Bounds.require(
        clipEpsilon > 0 && clipEpsilon < 1, "clip_epsilon", clipEpsilon, "must be between 0 and 1");
    if (clipEpsilonHigh != null) Bounds.positive("clip_epsilon_high", clipEpsilonHigh);
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
    Bounds.atLeast("dynamic_sampling", dynamicSampling, 0);
    Bounds.require(
        overlongBuffer >= 0 && overlongBuffer <= answers.maxGenLen(),
        "overlong_buffer",
        overlongBuffer,
        "must be from 0 to --max_gen_len");
    Bounds.require(
        lossType != null,
        "loss_type",
        "none",
        "must be one of grpo, dapo, dr_grpo, bnpo, cispo, gspo");
    Bounds.require(scaleRewards != null, "scale_rewards", "none", "must be group, batch or none");
    Bounds.require(
        scaleRewards == Scale.GROUP || training.compat() == Compat.NONE,
        "scale_rewards",
        scaleRewards,
        "must be group with --compat, which divides by the group's deviation");
  }

  /** The loss that these options ask for. */
  GrpoLoss loss() {
    double usual = lossType == LossType.CISPO ? 4 : clipEpsilon;
    double high = clipEpsilonHigh == null ? usual : clipEpsilonHigh;
    return new GrpoLoss(lossType, clipEpsilon, high, beta, answers.maxGenLen());
  }
}
