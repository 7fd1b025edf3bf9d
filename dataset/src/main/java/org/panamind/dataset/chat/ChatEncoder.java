package org.panamind.dataset.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.DataException;
import org.panamind.dataset.template.Text;
import org.panamind.dataset.tokenizer.StreamingDecoder;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * Turns conversations into ids. Markers of the template become control tokens; the same characters
 * in what a person or a model said stay plain text. An answer begins and ends between two tokens,
 * whatever it begins with: its first token is what the model sees to predict after the header.
 * Otherwise the ids are those of the whole text. For many threads at once.
 */
public final class ChatEncoder {
  private final Tokenizer tokenizer;
  private final ChatRenderer renderer;

  /** A stretch of text that is encoded on its own. */
  private record Piece(int from, int to, boolean ordinary, int answer) {}

  private ChatEncoder(Tokenizer tokenizer, ChatRenderer renderer) {
    this.tokenizer = tokenizer;
    this.renderer = renderer;
  }

  /**
   * An encoder by the tokenizer's own chat template. The tokenizer stays the caller's.
   *
   * @throws DataException if there is none that can be used
   */
  public static ChatEncoder of(Tokenizer tokenizer) {
    return new ChatEncoder(tokenizer, ChatRenderer.of(tokenizer));
  }

  /** The tokenizer this was made with. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** What writes the conversations. */
  public ChatRenderer renderer() {
    return renderer;
  }

  /**
   * The ids after which the model answers.
   *
   * @param options further variables of the template, such as {@code open_thinking}
   */
  public int[] prompt(Conversation conversation, Map<String, ?> options) {
    return encode(new RenderedChat(renderer.prompt(conversation, options), List.of())).ids();
  }

  /** The ids of a conversation with its answers. */
  public EncodedChat encode(Conversation conversation) {
    return encode(renderer.render(conversation));
  }

  /** The ids of a rendered conversation. */
  public EncodedChat encode(RenderedChat chat) {
    Text text = chat.text();
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < chat.answers().size(); i++) {
      RenderedChat.Span answer = chat.answers().get(i);
      cut(text, from, answer.from(), EncodedChat.NO_ANSWER, pieces);
      cut(text, answer.from(), answer.to(), i, pieces);
      from = answer.to();
    }
    cut(text, from, text.length(), EncodedChat.NO_ANSWER, pieces);
    return joined(text.toString(), pieces);
  }

  /** Cuts out what people said only where it has a control token's characters in it. */
  private void cut(Text text, int from, int to, int answer, List<Piece> pieces) {
    String chars = text.toString();
    int begun = from;
    for (int i = from; i < to; ) {
      int end = i;
      while (end < to && text.sourceAt(end) != Text.TEMPLATE) {
        end++;
      }
      if (end > i && tokenizer.holdsSpecialTokens(chars.substring(i, end))) {
        add(begun, i, false, answer, pieces);
        add(i, end, true, answer, pieces);
        begun = end;
      }
      i = end + 1;
    }
    add(begun, to, false, answer, pieces);
  }

  private static void add(int from, int to, boolean ordinary, int answer, List<Piece> pieces) {
    if (to > from) {
      pieces.add(new Piece(from, to, ordinary, answer));
    }
  }

  private EncodedChat joined(String text, List<Piece> pieces) {
    List<int[]> ids = new ArrayList<>();
    int count = 0;
    for (Piece piece : pieces) {
      String part = text.substring(piece.from, piece.to);
      ids.add(piece.ordinary ? tokenizer.encodeOrdinary(part) : tokenizer.encode(part));
      count += ids.getLast().length;
    }
    EncodedChat chat = new EncodedChat(new int[count], new int[count], new int[count]);
    int at = 0;
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      int[] part = ids.get(i);
      System.arraycopy(part, 0, chat.ids(), at, part.length);
      Arrays.fill(chat.answers(), at, at + part.length, piece.answer);
      System.arraycopy(starts(part, piece.from, tokenizer), 0, chat.starts(), at, part.length);
      at += part.length;
    }
    return chat;
  }

  /** Where each token's text begins, if the first begins at {@code from}. */
  static int[] starts(int[] ids, int from, Tokenizer tokenizer) {
    StreamingDecoder decoder = tokenizer.streamingDecoder(false);
    int[] starts = new int[ids.length];
    int start = from;
    for (int t = 0; t < ids.length; t++) {
      starts[t] = start;
      start += decoder.accept(ids[t]).length();
    }
    return starts;
  }
}
