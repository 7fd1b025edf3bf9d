package org.panamind.dataset.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns in their order, and the tools that the model may call.
 *
 * @param messages at least one
 * @param tools a list of tools, or JSON's null
 */
public record Conversation(List<Message> messages, JsonNode tools) {
  /** What MiniMind's data writes where the answer is left to the model. */
  static final String NO_ANSWER = "无";

  /**
   * Checks that something is said.
   *
   * @throws IllegalArgumentException if there is no message
   */
  public Conversation {
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("a conversation needs at least one message");
    }
    messages = List.copyOf(messages);
  }

  /** A conversation without tools. */
  public static Conversation of(Message... messages) {
    return new Conversation(List.of(messages), NullNode.getInstance());
  }

  /**
   * A list of messages that passed {@link ChatChecks}. Tools stand in a system message's {@code
   * tools} or {@code functions}, as a list or as a string with one.
   */
  public static Conversation of(JsonNode list) {
    List<Message> messages = new ArrayList<>();
    JsonNode tools = NullNode.getInstance();
    for (JsonNode fields : list) {
      messages.add(new Message(fields));
      for (String key : ConversationRules.TOOL_KEYS) {
        JsonNode own = ConversationRules.unpacked(fields.path(key));
        tools = tools.isNull() && own.isArray() && !own.isEmpty() ? own : tools;
      }
    }
    return new Conversation(messages, tools);
  }

  /** Whether any message has to do with tools. */
  public boolean usesTools() {
    return !tools.isNull() || messages.stream().anyMatch(Message::callsTools);
  }

  /** The same with a system message before it. */
  public Conversation withSystem(String content) {
    List<Message> all = new ArrayList<>(List.of(Message.of("system", content)));
    all.addAll(messages);
    return new Conversation(all, tools);
  }

  /**
   * What the model is to answer: all messages without an answer at the end.
   *
   * @throws IllegalArgumentException if nothing is left
   */
  public Conversation prompt() {
    return messages.getLast().isAnswer()
        ? new Conversation(messages.subList(0, messages.size() - 1), tools)
        : this;
  }
}
