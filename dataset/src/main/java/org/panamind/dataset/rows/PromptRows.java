package org.panamind.dataset.rows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.panamind.dataset.Samples;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.SampleRandom;
import org.panamind.dataset.chat.SystemPrompts;

/** Conversations whose last answer the model is to give, for reinforcement learning. */
public final class PromptRows {
  private PromptRows() {}

  /**
   * One prompt a record. An answer at the record's end is not part of it.
   *
   * @param records that passed {@link org.panamind.dataset.chat.ChatChecks#prompts}
   */
  public static Samples<Prompt> of(
      Samples<JsonNode> records, ChatEncoder encoder, PromptOptions options) {
    return NumberedSamples.of(
        records,
        (record, number) -> {
          Random random = SampleRandom.of(options.seed(), number);
          Conversation conversation =
              SystemPrompts.addTo(
                  Conversation.of(record.get("conversations")).prompt(),
                  options.systemPromptRatio(),
                  random);
          boolean thinking = random.nextDouble() < options.thinkingRatio();
          int[] ids = encoder.prompt(conversation, Map.of("open_thinking", thinking));
          int cut = Math.max(0, ids.length - options.maxPromptLen());
          return new Prompt(
              Arrays.copyOfRange(ids, cut, ids.length), conversation, record, number, true);
        });
  }
}
