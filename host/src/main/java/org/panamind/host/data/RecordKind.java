package org.panamind.host.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Optional;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlReader;
import org.panamind.dataset.jsonl.LineCheck;

/** What the records of a file are, and so which stages read it. */
public enum RecordKind {
  /** A {@code text} to continue: pretraining. */
  TEXT("text", LineCheck.text("text")),
  /** {@code conversations} with answers to learn: SFT, LoRA, distillation. */
  CONVERSATIONS("conversations", ChatChecks.conversations()),
  /** {@code chosen} and {@code rejected} answers: DPO. */
  PREFERENCES("chosen", ChatChecks.preferences()),
  /** {@code conversations} whose last answer is left to the model: reinforcement learning. */
  PROMPTS("conversations", ChatChecks.prompts());

  /** What MiniMind's data writes where an answer is left to the model. */
  private static final String NO_ANSWER = "无";

  /** Bad lines may all be left out: what there is of good ones is looked at. */
  static final BadLines SKIP_ALL = new BadLines(true, 1);

  private static final LineCheck ANY =
      new LineCheck() {
        @Override
        public String signature() {
          return "any kind v1";
        }

        @Override
        public Optional<String> complaint(JsonNode record) {
          for (RecordKind kind : values()) {
            if (record.has(kind.field)) return Optional.empty();
          }
          return Optional.of("has none of \"text\", \"conversations\", \"chosen\"");
        }
      };

  private final String field;
  private final LineCheck check;

  RecordKind(String field, LineCheck check) {
    this.field = field;
    this.check = check;
  }

  /** The field with the text or the messages; of a pair the better ones. */
  public String field() {
    return field;
  }

  /** What each line must be. */
  public LineCheck check() {
    return check;
  }

  /**
   * The kind of a file, by the first record that shows one.
   *
   * @throws org.panamind.dataset.DataException if no line shows one
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static RecordKind of(Path file) {
    try (var reader = JsonlReader.open(file, ANY, SKIP_ALL)) {
      return of(reader.next());
    }
  }

  private static RecordKind of(JsonNode record) {
    if (record.has(TEXT.field)) return TEXT;
    if (record.has(PREFERENCES.field)) return PREFERENCES;
    JsonNode messages = record.get(CONVERSATIONS.field);
    JsonNode last = messages.path(messages.size() - 1);
    String content = last.path("content").asText("");
    boolean answered = last.path("role").asText("").equals("assistant") && !content.isBlank();
    return answered && !content.equals(NO_ANSWER) ? CONVERSATIONS : PROMPTS;
  }
}
