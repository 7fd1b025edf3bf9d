package org.panamind.dataset.tokenizer;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Turns text into token ids and back. May be used by many threads at once; {@link #close} waits for
 * calls under way.
 *
 * <p>Added tokens are strings that a tokenizer finds in the text before anything else. Some are
 * <em>special</em>: they control the model ({@code <|im_start|>}). What a user typed must go
 * through {@link #encodeOrdinary}, so that nobody can forge a turn.
 */
public interface Tokenizer extends AutoCloseable {
  /**
   * Encodes text in which special tokens mean themselves: text of a template, not of a user.
   * Nothing is added, cut or padded.
   *
   * @param text any string; a lone surrogate counts as U+FFFD
   */
  int[] encode(String text);

  /**
   * Encodes text in which special tokens are mere characters, as Hugging Face does with {@code
   * split_special_tokens=True}: the ids of special tokens never come out. Added tokens that are not
   * special, such as {@code <think>} in some vocabularies, still are themselves.
   */
  int[] encodeOrdinary(String text);

  /**
   * Whether special tokens occur in a text, so that {@link #encode} and {@link #encodeOrdinary} of
   * it may differ. Where this says no, they do not, before and after any other text.
   */
  boolean holdsSpecialTokens(String text);

  /** {@link #encode} of many texts at once, on all processors. */
  List<int[]> encodeAll(List<String> texts);

  /**
   * Decodes ids. Bytes that are no UTF-8 become U+FFFD. An id without a token gives nothing, since
   * models may have more rows than their tokenizer has tokens.
   *
   * @param skipSpecial whether special tokens are left out
   */
  String decode(int[] ids, boolean skipSpecial);

  /** Decodes ids, special tokens included. */
  default String decode(int[] ids) {
    return decode(ids, false);
  }

  /**
   * A decoder that takes one id after another and gives text as soon as its characters are whole.
   *
   * @param skipSpecial whether special tokens are left out
   */
  StreamingDecoder streamingDecoder(boolean skipSpecial);

  /** The highest id plus one: the least number of rows of an embedding. */
  int vocabSize();

  /** The id of a token as the vocabulary spells it, if it has it. */
  OptionalInt idOf(String token);

  /** The token of an id as the vocabulary spells it, if it has it. */
  Optional<String> tokenOf(int id);

  /** The tokens that mark beginning, end, padding and the unknown. */
  SpecialTokens specialTokens();

  /**
   * The chat template in Jinja, if there is one: {@code chat_template.jinja}, or {@code
   * chat_template} of {@code tokenizer_config.json}, where of several named ones the default
   * counts.
   */
  Optional<String> chatTemplate();

  /** A hash of the tokenizer's file: equal fingerprints give equal ids. */
  String fingerprint();

  /** Frees what lies outside the Java heap. Later calls throw {@link IllegalStateException}. */
  @Override
  void close();
}
