/**
 * Conversations as training data, for every stage that learns from them.
 *
 * <ul>
 *   <li>{@link org.panamind.stage.chat.ChatRun}: what all runs on conversations have in common
 *   <li>{@link org.panamind.stage.chat.ChatFiles}: a run's files, tokenizer and template
 *   <li>{@link org.panamind.stage.chat.ChatChance}: options for what is changed by chance
 *   <li>{@link org.panamind.stage.chat.Answer}: what a decoder answers
 * </ul>
 */
package org.panamind.stage.chat;
