package org.panamind.dataset.chat;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.DataException;
import org.panamind.dataset.template.ChatTemplate;
import org.panamind.dataset.template.Text;
import org.panamind.dataset.tokenizer.SpecialTokens;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * Writes conversations by a tokenizer's chat template and finds the answers in them. For many
 * threads at once.
 *
 * <p>An answer is found by structure: the template keeps the source of every char, so the words of
 * a message are known wherever they land. The turn begins behind the header that the template
 * writes before its generation prompt, and ends with what it writes behind an answer. Nothing that
 * a message says, newlines and markers among it, can move these.
 */
public final class ChatRenderer {
  /** A generation prompt may open the thinking, which is the model's to learn and no header. */
  private static final String THINKING = "<think>";

  private final ChatTemplate template;
  private final SpecialTokens specialTokens;
  private volatile Marks marks;

  /** What a template writes around an answer. */
  private record Marks(String header, String end) {}

  private ChatRenderer(ChatTemplate template, SpecialTokens specialTokens) {
    this.template = template;
    this.specialTokens = specialTokens;
  }

  /**
   * A renderer by the tokenizer's own template.
   *
   * @throws DataException if it has none, or one with something that is not supported
   */
  public static ChatRenderer of(Tokenizer tokenizer) {
    String source =
        tokenizer
            .chatTemplate()
            .orElseThrow(
                () ->
                    new DataException(
                        "the tokenizer has no chat template. Put one into chat_template.jinja"
                            + " beside it, or as \"chat_template\" into tokenizer_config.json."));
    return new ChatRenderer(ChatTemplate.parse(source), tokenizer.specialTokens());
  }

  /**
   * Writes a conversation for the model to go on with.
   *
   * @param options further variables of the template, such as {@code open_thinking}
   * @throws DataException if the template refuses it
   */
  public Text prompt(Conversation conversation, Map<String, ?> options) {
    return text(conversation, true, options);
  }

  /**
   * Writes a conversation without looking for its answers.
   *
   * @throws DataException if the template refuses it
   */
  public Text text(Conversation conversation) {
    return text(conversation, false, Map.of());
  }

  /**
   * Writes a conversation and finds its answers.
   *
   * @throws DataException if the template refuses it, leaves an answer out, or writes answers in a
   *     way that does not show where they begin and end
   */
  public RenderedChat render(Conversation conversation) {
    Text text = text(conversation);
    return new RenderedChat(text, answers(text, conversation.messages()));
  }

  private Text text(Conversation conversation, boolean generationPrompt, Map<String, ?> options) {
    List<Message> messages = conversation.messages();
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      values.add(value(messages.get(i), i));
    }
    Map<String, Object> variables = new HashMap<>();
    variables.put("messages", values);
    variables.put("tools", ChatTemplate.sourced(conversation.tools(), messages.size()));
    variables.put("documents", null);
    variables.put("add_generation_prompt", generationPrompt);
    specialTokens.bos().ifPresent(token -> variables.put("bos_token", token.text()));
    specialTokens.eos().ifPresent(token -> variables.put("eos_token", token.text()));
    specialTokens.pad().ifPresent(token -> variables.put("pad_token", token.text()));
    specialTokens.unknown().ifPresent(token -> variables.put("unk_token", token.text()));
    variables.putAll(options);
    return template.render(variables);
  }

  /** The role was checked and is a word of the template's; all else was written by somebody. */
  private static Map<String, Object> value(Message message, int number) {
    Map<String, Object> value = new LinkedHashMap<>();
    message
        .fields()
        .properties()
        .forEach(
            field ->
                value.put(
                    field.getKey(),
                    switch (field.getKey()) {
                      case "role" -> field.getValue();
                      case "tool_calls" ->
                          ChatTemplate.sourced(
                              ConversationRules.unpacked(field.getValue()), number);
                      default -> ChatTemplate.sourced(field.getValue(), number);
                    }));
    return value;
  }

  private List<RenderedChat.Span> answers(Text text, List<Message> messages) {
    int[] first = new int[messages.size() + 1];
    int[] end = new int[messages.size() + 1];
    for (int i = text.length() - 1; i >= 0; i--) {
      int source = text.sourceAt(i);
      if (source != Text.TEMPLATE) {
        first[source] = i;
        end[source] = Math.max(end[source], i + 1);
      }
    }
    List<RenderedChat.Span> spans = new ArrayList<>();
    int before = 0;
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).isAnswer()) {
        if (end[i] == 0) {
          throw new DataException(
              "the chat template leaves out message " + (i + 1) + ", an answer");
        }
        int from = begin(text, before, first[i], i);
        before = finish(text, end[i], i);
        spans.add(new RenderedChat.Span(from, before));
      }
    }
    return spans;
  }

  private int begin(Text text, int from, int words, int message) {
    String header = marks().header;
    if (header.isEmpty()) {
      return words;
    }
    int at = text.toString().lastIndexOf(header, words - header.length());
    while (at >= from && !text.isTemplate(at, at + header.length())) {
      at = text.toString().lastIndexOf(header, at - 1);
    }
    if (at < from) {
      throw unclear(
          message, "begin with \"" + header.strip() + "\", as its generation prompt does");
    }
    return at + header.length();
  }

  private int finish(Text text, int words, int message) {
    String end = marks().end;
    for (String mark : List.of(end, end.stripTrailing())) {
      int at = text.toString().indexOf(mark, words);
      while (at >= 0 && !text.isTemplate(at, at + mark.length())) {
        at = text.toString().indexOf(mark, at + 1);
      }
      if (at >= 0 && (end.isEmpty() || !mark.isEmpty())) {
        return at + mark.length();
      }
    }
    throw unclear(message, "end with \"" + end.strip() + "\", as others do");
  }

  private static DataException unclear(int message, String what) {
    return new DataException(
        "the chat template writes message %d, an answer, so that it does not %s; where to learn from it cannot be told. Use --compat minimind or another template."
            .formatted(message + 1, what));
  }

  private Marks marks() {
    Marks known = marks;
    if (known == null) {
      known = probe();
      marks = known;
    }
    return known;
  }

  /** Lets the template write a short chat to see what it puts before and behind an answer. */
  private Marks probe() {
    Conversation question = Conversation.of(Message.of("user", "q"));
    String asked = text(question, false, Map.of()).toString();
    String prompted = text(question, true, Map.of()).toString();
    if (!prompted.startsWith(asked)) {
      throw new DataException(
          "the chat template's generation prompt is no continuation of the chat, so answers cannot"
              + " be told from it. Use --compat minimind or another template.");
    }
    String prompt = prompted.substring(asked.length());
    int thinking = prompt.indexOf(THINKING);
    String header = thinking < 0 ? prompt : prompt.substring(0, thinking);
    Text answered =
        text(
            new Conversation(
                List.of(Message.of("user", "q"), Message.of("assistant", "a")),
                NullNode.getInstance()),
            false,
            Map.of());
    int end = answered.length();
    while (end > 0 && answered.sourceAt(end - 1) != 1) {
      end--;
    }
    String tail = end == 0 ? "" : answered.toString().substring(end);
    return new Marks(header.isBlank() ? "" : header, tail);
  }
}
