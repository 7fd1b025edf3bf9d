package org.panamind.stage.tokenizer;

import java.util.Iterator;
import org.panamind.dataset.DataException;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * What came of encoding texts and decoding them again.
 *
 * @param texts how many were tried
 * @param characters their Unicode code points
 * @param tokens what they became
 */
record RoundTrip(long texts, long characters, long tokens) {
  private static final long ENOUGH_CHARACTERS = 2_000_000;

  /**
   * Tries texts until there are enough of them for a stable figure.
   *
   * @throws DataException if a text does not come back as it was
   */
  static RoundTrip of(Tokenizer tokenizer, Iterator<String> documents) {
    long texts = 0;
    long characters = 0;
    long tokens = 0;
    while (documents.hasNext() && characters < ENOUGH_CHARACTERS) {
      String text = documents.next();
      int[] ids = tokenizer.encodeOrdinary(text);
      if (!tokenizer.decode(ids).equals(text)) {
        throw new DataException(
            "the new tokenizer does not give text %d back as it was; it begins with \"%s\""
                .formatted(texts + 1, text.substring(0, Math.min(40, text.length()))));
      }
      texts++;
      characters += text.codePointCount(0, text.length());
      tokens += ids.length;
    }
    return new RoundTrip(texts, characters, tokens);
  }

  double charactersPerToken() {
    return (double) characters / tokens;
  }
}
