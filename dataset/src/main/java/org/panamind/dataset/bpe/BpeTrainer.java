package org.panamind.dataset.bpe;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import org.panamind.dataset.DataException;

/**
 * Learns a byte-level BPE vocabulary (Sennrich et al. 2016, arXiv:1508.07909; bytes as in GPT-2)
 * from a stream of documents, with the merges that Hugging Face's trainer learns from the same
 * documents.
 *
 * @param vocabSize tokens in all: special ones, 256 bytes, merges
 * @param specialTokens tokens that get the ids from 0 on and are never learned from the text
 * @param workers threads that count words; the result does not depend on it
 */
public record BpeTrainer(int vocabSize, List<String> specialTokens, int workers) {
  /** MiniMind's special tokens: padding and unknown, start of a turn, end of a turn. */
  public static final List<String> CHATML_TOKENS =
      List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if {@code vocabSize} cannot hold the special tokens and 256
   *     bytes, a special token is empty or given twice, or there is no worker
   */
  public BpeTrainer {
    specialTokens = List.copyOf(specialTokens);
    int least = specialTokens.size() + 256;
    if (vocabSize < least) {
      throw new IllegalArgumentException(
          "--vocab_size %d is too small: %d special tokens and 256 bytes need at least %d"
              .formatted(vocabSize, specialTokens.size(), least));
    }
    if (specialTokens.contains("") || new HashSet<>(specialTokens).size() < specialTokens.size()) {
      throw new IllegalArgumentException(
          "special tokens must be distinct and not empty, these are " + specialTokens);
    }
    if (workers < 1) {
      throw new IllegalArgumentException("workers must be at least 1, this is " + workers);
    }
  }

  /** A trainer with MiniMind's special tokens and a thread per processor. */
  public static BpeTrainer ofSize(int vocabSize) {
    return new BpeTrainer(
        vocabSize, CHATML_TOKENS, Math.max(1, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * Learns the vocabulary.
   *
   * @param documents texts; no merge crosses the border of two. Read once, by one thread at a time
   * @throws DataException if the documents hold fewer tokens than asked for; the message says how
   *     many they hold
   */
  public BpeVocabulary train(Iterator<String> documents) {
    WordCounts counts = WordCounts.of(documents, workers);
    BpeVocabulary learned = new MergeLearner(counts, specialTokens).learn(vocabSize, specialTokens);
    int size = learned.tokens().size();
    if (size < vocabSize) {
      throw new DataException(
          ("the text gives at most %d tokens (%d special, 256 bytes, %d learned from %d distinct"
               + " words), --vocab_size %d asks for more. Pass --vocab_size %d or give more text.")
              .formatted(
                  size,
                  specialTokens.size(),
                  size - specialTokens.size() - 256,
                  counts.size(),
                  vocabSize,
                  size));
    }
    return learned;
  }
}
