package org.panamind.dataset.tokenizer;

/**
 * Decodes token by token. A token may end in the middle of a character; the text is held back until
 * the rest has come, so that what is given out is never taken back. For one thread.
 *
 * <p>What all calls give together equals {@link Tokenizer#decode} of all ids.
 */
public interface StreamingDecoder {
  /** Takes the next id and gives the text that is certain now, often empty. */
  String accept(int id);

  /** Gives what was held back, an unfinished character as U+FFFD. Then a new text may begin. */
  String finish();
}
