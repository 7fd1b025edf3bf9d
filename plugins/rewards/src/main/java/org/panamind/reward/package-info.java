/**
 * The kinds of reward that come with Panamind, for reinforcement learning's {@code --reward}.
 *
 * <ul>
 *   <li>{@link org.panamind.reward.rules}: {@code rules:exact,format}, computed from the reply and
 *       the line of data.
 *   <li>{@link org.panamind.reward.http}: {@code http://HOST:PORT/PATH}, a scoring server.
 *   <li>{@link org.panamind.reward.internlm2}: {@code internlm2:DIR}, a reward model.
 *   <li>{@link org.panamind.reward.AnswerBlock}: what of a reply answers.
 * </ul>
 */
package org.panamind.reward;
