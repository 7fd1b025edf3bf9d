package org.panamind.host.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.panamind.dataset.DataException;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.dataset.tokenizer.StreamingDecoder;
import org.panamind.host.text.LoadedModel;
import org.panamind.model.Sampling;

/**
 * The turns so far, and the model that takes the next. What people type is encoded as plain text,
 * whatever control tokens it spells.
 */
final class Dialogue implements AutoCloseable {
  private final LoadedModel model;
  private final ChatEncoder encoder;
  private final Continuation continuation;
  private final Map<String, ?> templateOptions;
  private final List<Message> turns = new ArrayList<>();
  private String system = "";

  /**
   * An empty dialogue with a borrowed model.
   *
   * @param openThinking whether the template shall let the model think first
   */
  Dialogue(LoadedModel model, boolean openThinking) {
    this.model = model;
    this.encoder = ChatEncoder.of(model.tokenizer());
    this.continuation = new Continuation(model.decoder());
    this.templateOptions = Map.of("open_thinking", openThinking);
  }

  /**
   * An answer.
   *
   * @param text what was said
   * @param tokens how many were drawn
   * @param promptTokens what the model was given
   * @param reusedTokens how many of these were in the cache
   * @param dropped earlier turns that were forgotten since the context is full
   * @param seconds from the question to the last token
   */
  record Answer(
      String text, int tokens, int promptTokens, int reusedTokens, int dropped, double seconds) {}

  /** Forgets all turns. */
  void reset() {
    turns.clear();
  }

  /** Forgets all turns and begins with another system message; an empty one is none. */
  void system(String words) {
    system = words;
    reset();
  }

  /**
   * Asks and answers. A refused question leaves the dialogue as it was.
   *
   * @param maxNew most tokens of the answer
   * @param onText gets the answer as its characters become whole
   * @param goOn asked after each token
   * @throws DataException if the template refuses the dialogue, or the question is longer than the
   *     model's context
   */
  Answer ask(
      String words, int maxNew, Sampling sampling, Consumer<String> onText, BooleanSupplier goOn) {
    long start = System.nanoTime();
    List<Message> asked = new ArrayList<>(turns);
    asked.add(Message.of("user", words));
    long[] prompt = fitting(asked, maxNew);
    int dropped = turns.size() + 1 - asked.size();
    StreamingDecoder decoding = model.tokenizer().streamingDecoder(true);
    StringBuilder text = new StringBuilder();
    Consumer<String> tell =
        part -> {
          text.append(part);
          if (!part.isEmpty()) onText.accept(part);
        };
    int count =
        continuation.generate(
            prompt,
            maxNew,
            model.tokenizer().specialTokens().eosId(),
            sampling,
            id -> {
              tell.accept(decoding.accept(Math.toIntExact(id)));
              return goOn.getAsBoolean();
            });
    tell.accept(decoding.finish());
    turns.clear();
    turns.addAll(asked);
    turns.add(Message.of("assistant", text.toString()));
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Answer(
        text.toString(), count, prompt.length, continuation.reused(), dropped, seconds);
  }

  /** Takes the earliest turns out until question and answer find room. */
  private long[] fitting(List<Message> asked, int maxNew) {
    int positions = model.decoder().config().maxPositions();
    int most = positions - Math.min(maxNew, positions / 2);
    long[] prompt = prompt(asked);
    while (prompt.length > most && asked.size() > 1) {
      asked.subList(0, 2).clear(); // a question and its answer
      prompt = prompt(asked);
    }
    if (prompt.length >= positions) {
      throw new DataException(
          "the question is %d tokens long, the model reads at most %d; ask something shorter"
              .formatted(prompt.length, positions - 1));
    }
    return prompt;
  }

  private long[] prompt(List<Message> asked) {
    Conversation conversation = Conversation.of(asked.toArray(Message[]::new));
    if (!system.isEmpty()) conversation = conversation.withSystem(system);
    return Arrays.stream(encoder.prompt(conversation, templateOptions)).asLongStream().toArray();
  }

  @Override
  public void close() {
    continuation.close();
  }
}
