package org.panamind.dataset.rows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Random;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.EncodedChat;
import org.panamind.dataset.chat.MarkerScan;
import org.panamind.dataset.chat.RenderedChat;
import org.panamind.dataset.chat.SampleRandom;
import org.panamind.dataset.chat.SystemPrompts;

/**
 * Conversations to learn answers from: labels are every answer's tokens through its end of turn and
 * the newline behind it. A row that is cut before its first answer has no label.
 */
public final class SftRows {
  private SftRows() {}

  /**
   * One row a conversation.
   *
   * @param records that passed {@link org.panamind.dataset.chat.ChatChecks#conversations}
   */
  public static Samples<Row> of(
      Samples<JsonNode> records, ChatEncoder encoder, ChatOptions options) {
    Encoding encoding = new Encoding(encoder, options);
    return NumberedSamples.of(
        records, (record, number) -> encoding.of(record, number).row(options.maxSeqLen(), 0));
  }

  /** Conversations to tokens with the changes by chance. */
  static final class Encoding {
    private final ChatEncoder encoder;
    private final ChatOptions options;
    private final MarkerScan scan;

    Encoding(ChatEncoder encoder, ChatOptions options) {
      this.encoder = encoder;
      this.options = options;
      this.scan = options.markerScan() ? new MarkerScan(encoder.tokenizer()) : null;
    }

    EncodedChat of(JsonNode record, long number) {
      Random random = SampleRandom.of(options.seed(), number);
      Conversation conversation =
          SystemPrompts.addTo(
              Conversation.of(record.get("conversations")), options.systemPromptRatio(), random);
      return of(conversation, random.nextDouble() < options.emptyThinkRatio());
    }

    EncodedChat of(Conversation conversation, boolean keepEmptyThinking) {
      if (scan != null) {
        String text = encoder.renderer().text(conversation).toString();
        return scan.encode(
            keepEmptyThinking ? text : text.replace(RenderedChat.EMPTY_THINKING, ""));
      }
      RenderedChat chat = encoder.renderer().render(conversation);
      return encoder.encode(keepEmptyThinking ? chat : chat.withoutEmptyThinking());
    }
  }
}
