package org.panamind.dataset.rows;

import com.fasterxml.jackson.databind.JsonNode;
import org.panamind.dataset.chat.Conversation;

/**
 * Something to be answered.
 *
 * @param ids tokens, ending with the header of the answer
 * @param conversation what is to be answered, for reward models
 * @param record the whole record, with what a checker needs
 * @param sample its number in its data
 * @param counts whether its answer counts; false for one that only keeps a rank in step
 */
public record Prompt(
    int[] ids, Conversation conversation, JsonNode record, long sample, boolean counts) {}
