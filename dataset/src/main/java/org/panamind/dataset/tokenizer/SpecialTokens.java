package org.panamind.dataset.tokenizer;

import java.util.Optional;
import org.panamind.dataset.DataException;

/**
 * The tokens that {@code tokenizer_config.json} gives a role.
 *
 * @param bos begins a sequence
 * @param eos ends it
 * @param pad fills rows up to the length of their batch
 * @param unknown stands for what the vocabulary lacks
 */
public record SpecialTokens(
    Optional<Token> bos, Optional<Token> eos, Optional<Token> pad, Optional<Token> unknown) {
  /** A token's text with its id. */
  public record Token(String text, int id) {}

  /**
   * The id that begins a sequence.
   *
   * @throws DataException if the tokenizer names none
   */
  public int bosId() {
    return idOf(bos, "bos_token");
  }

  /**
   * The id that ends a sequence.
   *
   * @throws DataException if the tokenizer names none
   */
  public int eosId() {
    return idOf(eos, "eos_token");
  }

  /**
   * The id that fills rows.
   *
   * @throws DataException if the tokenizer names none
   */
  public int padId() {
    return idOf(pad, "pad_token");
  }

  private static int idOf(Optional<Token> token, String key) {
    return token
        .map(Token::id)
        .orElseThrow(
            () ->
                new DataException(
                    "the tokenizer has no %s. Name one of its tokens as \"%s\" in tokenizer_config.json."
                        .formatted(key, key)));
  }
}
