package org.panamind.dataset.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * One turn of a conversation.
 *
 * @param fields {@code role}, {@code content} and what else the data gives, such as {@code
 *     reasoning_content} and {@code tool_calls}; not changed
 */
public record Message(JsonNode fields) {
  /** A turn of text alone. */
  public static Message of(String role, String content) {
    return new Message(
        JsonNodeFactory.instance.objectNode().put("role", role).put("content", content));
  }

  /** Who speaks: system, user, assistant or tool. */
  public String role() {
    return fields.path("role").asText();
  }

  /** What is said; empty where the data gives no string. */
  public String content() {
    return fields.path("content").isTextual() ? fields.get("content").textValue() : "";
  }

  /** Whether the model is the one who speaks. */
  public boolean isAnswer() {
    return role().equals("assistant");
  }

  /** Whether nothing is said, or what MiniMind's data writes for nothing. */
  public boolean isLeftOpen() {
    return content().isBlank() || content().strip().equals(Conversation.NO_ANSWER);
  }

  /** Whether the model calls a tool in this turn. */
  boolean callsTools() {
    return !ConversationRules.unpacked(fields.path("tool_calls")).isEmpty();
  }
}
