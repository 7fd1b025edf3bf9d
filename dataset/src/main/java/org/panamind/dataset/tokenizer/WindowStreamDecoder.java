package org.panamind.dataset.tokenizer;

import java.util.Arrays;
import java.util.function.Function;

/**
 * Streaming for any decoder: decodes a short window of ids again with every new one. The window
 * begins with one id whose text is out already, since some decoders treat a text's first token
 * differently (SentencePiece drops its space).
 */
final class WindowStreamDecoder implements StreamingDecoder {
  /** A window that does not come to a whole character for so long holds bytes that are no text. */
  private static final int LONGEST_WINDOW = 64;

  private static final char UNFINISHED = '\uFFFD';

  private final Function<int[], String> decode;
  private int[] window = new int[0];
  private int given;

  WindowStreamDecoder(Function<int[], String> decode) {
    this.decode = decode;
  }

  @Override
  public String accept(int id) {
    window = Arrays.copyOf(window, window.length + 1);
    window[window.length - 1] = id;
    String text = decode.apply(window);
    boolean unfinished = !text.isEmpty() && text.charAt(text.length() - 1) == UNFINISHED;
    if (unfinished && window.length < LONGEST_WINDOW) {
      return give(text, text.length() - 1);
    }
    String whole = give(text, text.length());
    window = new int[] {id};
    given = decode.apply(window).length();
    return whole;
  }

  @Override
  public String finish() {
    String text = decode.apply(window);
    String rest = give(text, text.length());
    window = new int[0];
    given = 0;
    return rest;
  }

  private String give(String text, int end) {
    String fresh = end > given ? text.substring(given, end) : "";
    given = Math.max(given, end);
    return fresh;
  }
}
