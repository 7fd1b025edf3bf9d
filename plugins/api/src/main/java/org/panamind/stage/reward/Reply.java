package org.panamind.stage.reward;

import com.fasterxml.jackson.databind.JsonNode;
import org.panamind.dataset.chat.Conversation;

/**
 * An answer that was drawn.
 *
 * @param asked what was to be answered
 * @param text the answer, without its end of turn
 * @param record the line of data that the prompt was made of, with what a checker needs
 * @param tokens of the answer, its end counted
 * @param ended whether the answer came to its end, rather than being cut off
 */
public record Reply(Conversation asked, String text, JsonNode record, int tokens, boolean ended) {}
