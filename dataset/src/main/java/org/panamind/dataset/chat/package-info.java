/**
 * Conversations and their tokens: {@link org.panamind.dataset.chat.ChatChecks} says which lines of
 * a file hold one, {@link org.panamind.dataset.chat.Conversation} is one, {@link
 * org.panamind.dataset.chat.ChatRenderer} writes it by the tokenizer's template and finds each
 * answer in the text by where its characters came from ({@link
 * org.panamind.dataset.chat.RenderedChat}), {@link org.panamind.dataset.chat.ChatEncoder} turns
 * that into ids ({@link org.panamind.dataset.chat.EncodedChat}), with what people typed as plain
 * text. {@link org.panamind.dataset.chat.SystemPrompts} and {@link
 * org.panamind.dataset.chat.SampleRandom} serve MiniMind's random changes, {@link
 * org.panamind.dataset.chat.MarkerScan} MiniMind's way to find answers, and {@link
 * org.panamind.dataset.chat.MaskView} shows what is learned.
 */
package org.panamind.dataset.chat;
