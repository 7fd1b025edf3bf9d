package org.panamind.dataset.chat;

import org.panamind.dataset.batch.Row;
import org.panamind.dataset.tokenizer.StreamingDecoder;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * Shows a row as text with what is learned marked, so that a mask can be seen.
 *
 * @param before stands before each stretch of supervised tokens, such as {@code ⟦} or a colour code
 * @param after stands behind it
 */
public record MaskView(String before, String after) {
  /** Marks with brackets that texts hardly have. */
  public static final MaskView BRACKETS = new MaskView("⟦", "⟧");

  /** The row's text; a character whose bytes lie in several tokens stands at the last of them. */
  public String of(Row row, Tokenizer tokenizer) {
    StringBuilder out = new StringBuilder();
    StreamingDecoder decoder = tokenizer.streamingDecoder(false);
    boolean marked = false;
    for (int t = 0; t < row.length(); t++) {
      boolean supervised = row.isLearned(t);
      if (supervised != marked) {
        out.append(supervised ? before : after);
        marked = supervised;
      }
      out.append(decoder.accept(row.ids()[t]));
    }
    return out.append(decoder.finish()).append(marked ? after : "").toString();
  }

  /** The share of tokens that are learned, 0 to 1. */
  public static double supervisedShare(Row row) {
    return (double) row.learnedCount() / row.length();
  }
}
