package org.panamind.stage.ppo;

import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.rl.AnswerOptions;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the ppo stage can be told. The defaults are MiniMind's, those of what MiniMind2 lacks
 * minimind-3's.
 *
 * @param data the prompts
 * @param start the weights to go on from, which are reference and critic too
 * @param answers how they are drawn and scored
 * @param numGenerations answers to each prompt
 * @param scoreCut whether an answer that was cut off gets its reward
 * @param clipEpsilon how far the ratio may move
 * @param clipValue how far a value may move
 * @param vfCoef weight of the critic's loss
 * @param klCoef weight of the divergence from the reference
 * @param klForm where the divergence counts
 * @param gamma what a later reward is worth
 * @param lambda how far advantages look
 * @param ppoEpochs passes over each batch of answers
 * @param miniBatchSize answers of one update, or null for all
 * @param targetKl divergence from the policy that drew at which a batch is left, 0 for never
 * @param criticLearningRate at the peak
 * @param updateOldActorFreq batches between copies of the old actor in MiniMind2's form
 * @param training the loop
 */
public record PpoConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Model") StartOptions start,
    @Option(group = "Answers") AnswerOptions answers,
    @Option(help = "answers to each prompt", group = "Answers") int numGenerations,
    @Option(
            help =
                "1 gives an answer that was cut off its reward; else the critic's value stands in",
            group = "Answers")
        boolean scoreCut,
    @Option(help = "how far a token's probability may move for gain", group = "Policy")
        double clipEpsilon,
    @Option(help = "how far a value may move for gain", group = "Critic") double clipValue,
    @Option(help = "weight of the critic's loss", group = "Critic") double vfCoef,
    @Option(help = "weight of the divergence from the reference", group = "Policy") double klCoef,
    @Option(
            help = "where the divergence counts: in the reward, or as k2 or k3 in the loss",
            group = "Policy")
        Divergence klForm,
    @Option(help = "what a reward one token later is worth", group = "Critic") double gamma,
    @Option(help = "how far advantages look ahead, 0 one token, 1 to the end", group = "Critic")
        double lambda,
    @Option(help = "passes over each batch of answers", group = "Policy") int ppoEpochs,
    @Option(help = "answers of one update; none takes all", unit = "answers", group = "Policy")
        Integer miniBatchSize,
    @Option(
            help = "leaves a batch when the policy is so far from the one that drew, 0 never",
            unit = "nats",
            group = "Policy")
        double targetKl,
    @Option(help = "the critic's learning rate at the peak", group = "Critic")
        double criticLearningRate,
    @Option(
            help = "batches between copies of the old actor, in --compat minimind2",
            group = "Policy")
        int updateOldActorFreq,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind's. */
  public static final PpoConfig DEFAULT =
      new PpoConfig(
          DataOptions.of(66),
          StartOptions.from("reason"),
          AnswerOptions.DEFAULT,
          1,
          false,
          0.1,
          0.2,
          0.5,
          0.02,
          Divergence.REWARD,
          1,
          0.95,
          2,
          null,
          0.25,
          8e-8,
          4,
          TrainingOptions.of("ppo_actor", 1, 2, 1, 8e-8).withWeightDecay(0).withSaveInterval(10));

  /** Checks the bounds. */
  public PpoConfig {
    Bounds.atLeast("num_generations", numGenerations, 1);
    Bounds.require(
        clipEpsilon > 0 && clipEpsilon < 1, "clip_epsilon", clipEpsilon, "must be between 0 and 1");
    Bounds.positive("clip_value", clipValue);
    Bounds.atLeast("vf_coef", vfCoef, 0.0);
    Bounds.atLeast("kl_coef", klCoef, 0.0);
    Bounds.require(klForm != null, "kl_form", "none", "must be reward, k2 or k3");
    Bounds.between("gamma", gamma, 0, 1);
    Bounds.between("lambda", lambda, 0, 1);
    Bounds.atLeast("ppo_epochs", ppoEpochs, 1);
    if (miniBatchSize != null) Bounds.atLeast("mini_batch_size", miniBatchSize, 1);
    Bounds.atLeast("target_kl", targetKl, 0.0);
    Bounds.require(
        ppoEpochs == 1
            || training.compat() != Compat.NONE
            || miniBatches(training, numGenerations, miniBatchSize) % training.accumulationSteps()
                == 0,
        "accumulation_steps",
        training.accumulationSteps(),
        "must divide the updates of a pass (--batch_size * --num_generations / --mini_batch_size):"
            + " one update would see the same answers twice");
    Bounds.require(
        numGenerations == 1 || training.compat() == Compat.NONE,
        "num_generations",
        numGenerations,
        "must be 1 with --compat, since MiniMind draws one answer");
    Bounds.positive("critic_learning_rate", criticLearningRate);
    Bounds.atLeast("update_old_actor_freq", updateOldActorFreq, 1);
  }

  /** Parts of a batch of answers. */
  int miniBatches() {
    return miniBatches(training, numGenerations, miniBatchSize);
  }

  private static int miniBatches(TrainingOptions training, int each, Integer size) {
    return size == null ? 1 : Math.ceilDiv(training.batchSize() * each, size);
  }

  /** What the critic's rate is of the policy's. */
  double criticRate() {
    return criticLearningRate / training.learningRate();
  }
}
