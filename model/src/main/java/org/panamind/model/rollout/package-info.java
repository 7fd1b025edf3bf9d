/**
 * Batched generation for reinforcement learning and evaluation.
 *
 * <ul>
 *   <li>{@link org.panamind.model.rollout.RolloutEngine}: prompts to answers, many rows at once.
 *   <li>{@link org.panamind.model.rollout.RolloutOptions}: how long, how drawn, from which seed.
 *   <li>{@link org.panamind.model.rollout.Rollout}: ids, mask, and log-probabilities of what was
 *       drawn.
 * </ul>
 */
package org.panamind.model.rollout;
