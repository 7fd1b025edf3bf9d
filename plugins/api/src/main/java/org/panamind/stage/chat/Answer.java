package org.panamind.stage.chat;

import java.util.Map;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.model.Decoder;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;

/** What a decoder answers. */
public final class Answer {
  private static final int SHOWN_TOKENS = 80;

  private Answer() {}

  /**
   * The likeliest answer to a conversation, cut after a few lines, for the last words of a run.
   *
   * @param conversation an answer at its end is not shown to the model
   * @return in one line, the question before it
   */
  public static String shown(Decoder decoder, ChatEncoder encoder, Conversation conversation) {
    var asked = conversation.prompt();
    var ids = encoder.prompt(asked, Map.of());
    var prompt = new long[ids.length];
    for (int i = 0; i < ids.length; i++) prompt[i] = ids[i];
    var tokenizer = encoder.tokenizer();
    var decoding = tokenizer.streamingDecoder(true);
    var written = new StringBuilder();
    new TextGenerator(decoder)
        .generate(
            prompt,
            SHOWN_TOKENS,
            tokenizer.specialTokens().eosId(),
            Sampling.GREEDY,
            id -> {
              written.append(decoding.accept(Math.toIntExact(id)));
              return true;
            });
    written.append(decoding.finish());
    var question = asked.messages().getLast().content();
    return (question + " | " + written).replace("\n", "\\n");
  }
}
