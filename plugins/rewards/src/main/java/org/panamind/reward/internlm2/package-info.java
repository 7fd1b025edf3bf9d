/**
 * {@code --reward internlm2:DIR}: a reward model of InternLM2's form scores replies.
 *
 * <ul>
 *   <li>{@link org.panamind.reward.internlm2.InternLm2Reward}: the extension.
 *   <li>{@code RewardChat}: a conversation in the tokens that the model was trained on. {@code
 *       ModelScores}: batches, clipping, the answer's share.
 * </ul>
 */
package org.panamind.reward.internlm2;
