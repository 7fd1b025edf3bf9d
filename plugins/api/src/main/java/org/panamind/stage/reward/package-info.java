/**
 * What an answer is worth, for reinforcement learning.
 *
 * <ul>
 *   <li>{@link org.panamind.stage.reward.RewardModel}: the extension point; a plugin brings a kind
 *       of reward under a name.
 *   <li>{@link org.panamind.stage.reward.Reward}: one such, opened for a run.
 *   <li>{@link org.panamind.stage.reward.Reply}: what is scored.
 *   <li>{@link org.panamind.stage.reward.Rewards}: finds what {@code --reward} names and remembers
 *       scores.
 * </ul>
 */
package org.panamind.stage.reward;
