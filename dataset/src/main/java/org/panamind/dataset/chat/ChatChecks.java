package org.panamind.dataset.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.function.Function;
import org.panamind.dataset.jsonl.LineCheck;

/**
 * What each line of a file of conversations must be, in MiniMind's formats; checked while the file
 * is opened, so that every bad line is known with its number before training begins.
 */
public final class ChatChecks {
  private ChatChecks() {}

  /**
   * {@code {"conversations": [{"role": ..., "content": ...}, ...]}}: a system message may come
   * first, then user and assistant alternate, with tools' results after an answer; at least one
   * answer; nothing empty.
   */
  public static LineCheck conversations() {
    return check("conversations v1", record -> withAnswer(record, "conversations"));
  }

  /** {@code {"chosen": [...], "rejected": [...]}}: the same but for their last answers. */
  public static LineCheck preferences() {
    return check("preferences v1", ChatChecks::preference);
  }

  /** Conversations whose last answer is left to the model: empty, {@code "无"} or not there. */
  public static LineCheck prompts() {
    return check(
        "prompts v1",
        record -> ConversationRules.complaint(record.get("conversations"), "conversations", true));
  }

  private static Optional<String> withAnswer(JsonNode record, String field) {
    JsonNode list = record.get(field);
    return ConversationRules.complaint(list, field, false)
        .or(
            () -> {
              for (JsonNode message : list) {
                if (message.get("role").textValue().equals("assistant")) {
                  return Optional.empty();
                }
              }
              return Optional.of("\"%s\" has no answer of the assistant to learn".formatted(field));
            });
  }

  private static Optional<String> preference(JsonNode record) {
    for (String field : new String[] {"chosen", "rejected"}) {
      JsonNode list = record.get(field);
      Optional<String> complaint = ConversationRules.complaint(list, field, false);
      if (complaint.isPresent()) {
        return complaint;
      }
      String last = list.get(list.size() - 1).get("role").textValue();
      if (!last.equals("assistant")) {
        return Optional.of("\"%s\" ends with %s, not with an answer".formatted(field, last));
      }
    }
    JsonNode chosen = record.get("chosen");
    JsonNode rejected = record.get("rejected");
    for (int i = 0; i < Math.max(chosen.size(), rejected.size()) - 1; i++) {
      if (chosen.size() != rejected.size() || !chosen.get(i).equals(rejected.get(i))) {
        return Optional.of(
            "\"chosen\" and \"rejected\" differ in message %d, before their last answers: a pair must share its prompt"
                .formatted(i + 1));
      }
    }
    return Optional.empty();
  }

  private static LineCheck check(String signature, Function<JsonNode, Optional<String>> complaint) {
    return new LineCheck() {
      @Override
      public String signature() {
        return signature;
      }

      @Override
      public Optional<String> complaint(JsonNode record) {
        return complaint.apply(record);
      }
    };
  }
}
