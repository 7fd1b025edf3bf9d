package org.panamind.dataset.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a list of messages must be. */
final class ConversationRules {
  /** Where a system message may have tools: MiniMind's present name and its former one. */
  static final List<String> TOOL_KEYS = List.of("tools", "functions");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  private ConversationRules() {}

  /**
   * What is wrong with a list of messages, if anything is.
   *
   * @param lastIsOpen whether the last answer is left to the model and may be empty
   */
  static Optional<String> complaint(JsonNode list, String field, boolean lastIsOpen) {
    if (list == null) {
      return Optional.of('"' + field + "\" is missing");
    }
    if (!list.isArray() || list.isEmpty()) {
      return Optional.of('"' + field + "\" is no list of messages");
    }
    String before = "";
    for (int i = 0; i < list.size(); i++) {
      String complaint = ofMessage(list.get(i), before, lastIsOpen && i == list.size() - 1);
      if (complaint != null) {
        return Optional.of("\"%s\" message %d: %s".formatted(field, i + 1, complaint));
      }
      before = list.get(i).get("role").textValue();
    }
    return Optional.empty();
  }

  private static String ofMessage(JsonNode message, String before, boolean open) {
    if (!message.isObject() || !message.path("role").isTextual()) {
      return "is no object with a \"role\" and a \"content\"";
    }
    String role = message.get("role").textValue();
    if (!ROLES.contains(role)) {
      return "the role \"%s\" is unknown; known are system, user, assistant and tool"
          .formatted(role);
    }
    if (!mayFollow(role, before)) {
      return before.isEmpty()
          ? "a conversation cannot begin with " + role + "; it begins with system or user"
          : role + " follows " + before + ", but user and assistant must alternate";
    }
    for (String key : TOOL_KEYS) {
      if (isBroken(message.path(key))) {
        return '"' + key + "\" is not JSON";
      }
    }
    if (isBroken(message.path("tool_calls"))) {
      return "\"tool_calls\" is not JSON";
    }
    boolean calls = unpacked(message.path("tool_calls")).size() > 0;
    return open && role.equals("assistant") ? null : ofContent(message.path("content"), calls);
  }

  private static boolean mayFollow(String role, String before) {
    return switch (before) {
      case "" -> role.equals("system") || role.equals("user");
      case "system" -> role.equals("user");
      case "user" -> role.equals("assistant");
      case "assistant" -> role.equals("user") || role.equals("tool");
      default -> role.equals("tool") || role.equals("assistant");
    };
  }

  private static String ofContent(JsonNode content, boolean calls) {
    if (calls && (content.isNull() || content.isMissingNode() || content.isTextual())) {
      return null;
    }
    if (!content.isTextual()) {
      return content.isMissingNode() ? "\"content\" is missing" : "\"content\" is not a string";
    }
    return content.textValue().isBlank() ? "\"content\" is empty" : null;
  }

  private static boolean isBroken(JsonNode value) {
    boolean absent = value.isMissingNode() || value.isNull() || value.asText("x").isBlank();
    return !absent && !unpacked(value).isContainerNode();
  }

  /** The value itself, or what a string holds as JSON; nothing where it holds none. */
  static JsonNode unpacked(JsonNode value) {
    if (!value.isTextual()) {
      return value;
    }
    try {
      return JSON.readTree(value.textValue());
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
