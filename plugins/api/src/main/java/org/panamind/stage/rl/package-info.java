/**
 * Learning from one's own answers: what the stages of reinforcement learning share.
 *
 * <ul>
 *   <li>{@link org.panamind.stage.rl.AnswerOptions}: how answers are drawn and scored.
 *   <li>{@link org.panamind.stage.rl.PolicyFiles}, {@link org.panamind.stage.rl.Policy}: weights,
 *       prompts and rewards of a run.
 *   <li>{@link org.panamind.stage.rl.RolloutSource}, {@link org.panamind.stage.rl.Sampler}, {@link
 *       org.panamind.stage.rl.Drawing}, {@link org.panamind.stage.rl.ScoredRollout}: answers and
 *       their scores.
 *   <li>{@link org.panamind.stage.rl.RewardSpread}, {@link org.panamind.stage.rl.RankMoments}:
 *       whether rewards say anything yet, and mean and deviation over ranks.
 *   <li>{@link org.panamind.stage.rl.TokenLogProbs}, {@link org.panamind.stage.rl.PolicyMath}: from
 *       answers to losses.
 *   <li>{@link org.panamind.stage.rl.PolicyRun}, {@link org.panamind.stage.rl.MeanMetrics}: what a
 *       run of such a stage need not say itself.
 * </ul>
 *
 * <p>Shapes: B prompts, G answers to each, N = B * G answers, P tokens of prompts, R of answers.
 */
package org.panamind.stage.rl;
