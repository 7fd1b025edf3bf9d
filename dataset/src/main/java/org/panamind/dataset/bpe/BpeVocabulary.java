package org.panamind.dataset.bpe;

import java.nio.file.Path;
import java.util.List;

/**
 * A learned byte-level BPE.
 *
 * @param tokens every token by its id: special tokens, 256 bytes by code point of their character,
 *     then what was learned; bytes are written in the byte-level alphabet
 * @param merges in the order in which they were learned, which is the order of applying them
 * @param specialTokens the first of {@code tokens}
 */
public record BpeVocabulary(List<String> tokens, List<Merge> merges, List<String> specialTokens) {
  /** Two tokens that become one. */
  public record Merge(String left, String right) {}

  /** Copies the lists. */
  public BpeVocabulary {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
    specialTokens = List.copyOf(specialTokens);
  }

  /**
   * Writes {@code tokenizer.json} and {@code tokenizer_config.json}, as this project and Hugging
   * Face's libraries load them. Each file is replaced as a whole or not at all.
   *
   * @param folder made when it does not exist
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void writeTo(Path folder) {
    TokenizerFiles.write(this, folder);
  }
}
