package org.panamind.dataset.chat;

import java.util.ArrayList;
import java.util.List;
import org.panamind.dataset.template.Text;

/**
 * A conversation as its template writes it.
 *
 * @param text the whole text; the source of a char is the number of its message, the number after
 *     the last for tools
 * @param answers where the model's turns are, ascending: from behind the header through the end of
 *     turn with its newline
 */
public record RenderedChat(Text text, List<Span> answers) {
  /** What MiniMind's templates write where nothing was thought. */
  public static final String EMPTY_THINKING = "<think>\n\n</think>\n\n";

  /** The chars from {@code from} to before {@code to}. */
  public record Span(int from, int to) {}

  /** Keeps its own list. */
  public RenderedChat {
    answers = List.copyOf(answers);
  }

  /** The same without the empty thinking blocks in answers. */
  public RenderedChat withoutEmptyThinking() {
    Text shorter = Text.of("");
    List<Span> moved = new ArrayList<>();
    int copied = 0;
    for (Span answer : answers) {
      shorter = shorter.plus(text.substring(copied, answer.from));
      int from = shorter.length();
      copied = answer.from;
      for (int at = next(copied, answer); at >= 0; at = next(copied, answer)) {
        shorter = shorter.plus(text.substring(copied, at));
        copied = at + EMPTY_THINKING.length();
      }
      shorter = shorter.plus(text.substring(copied, answer.to));
      copied = answer.to;
      moved.add(new Span(from, shorter.length()));
    }
    return new RenderedChat(shorter.plus(text.substring(copied, text.length())), moved);
  }

  private int next(int from, Span answer) {
    int at = text.toString().indexOf(EMPTY_THINKING, from);
    return at + EMPTY_THINKING.length() <= answer.to ? at : -1;
  }
}
