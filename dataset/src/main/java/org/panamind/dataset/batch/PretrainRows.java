package org.panamind.dataset.batch;

import org.panamind.dataset.Samples;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * Texts as MiniMind pretrains on them: {@code [bos] + tokens + [eos]}, every token a label. Padding
 * is ignored by its position, so a padding token inside a text is learned like any other.
 *
 * <p>Special tokens in a text mean themselves: a training file may hold turns of a chat.
 */
public final class PretrainRows {
  private PretrainRows() {}

  /**
   * One row a text, cut to fit.
   *
   * @param maxSeqLen the longest row; a text keeps its first {@code maxSeqLen - 2} tokens
   * @throws IllegalArgumentException if {@code maxSeqLen} leaves no room for a token of the text
   */
  public static Samples<Row> of(Samples<String> texts, Tokenizer tokenizer, int maxSeqLen) {
    if (maxSeqLen < 3) {
      throw new IllegalArgumentException(
          "--max_seq_len must be at least 3 (a token between bos and eos), this is " + maxSeqLen);
    }
    int bos = tokenizer.specialTokens().bosId();
    int eos = tokenizer.specialTokens().eosId();
    return texts.map(
        text -> {
          int[] ids = framed(tokenizer.encode(text), maxSeqLen - 2, bos, eos);
          return Row.of(ids, ids);
        });
  }

  /** Whole texts as {@code [bos] + tokens + [eos]}, for {@link PackedRows}. */
  public static Samples<int[]> documents(Samples<String> texts, Tokenizer tokenizer) {
    int bos = tokenizer.specialTokens().bosId();
    int eos = tokenizer.specialTokens().eosId();
    return texts.map(text -> framed(tokenizer.encode(text), Integer.MAX_VALUE, bos, eos));
  }

  private static int[] framed(int[] tokens, int keep, int bos, int eos) {
    int kept = Math.min(tokens.length, keep);
    int[] ids = new int[kept + 2];
    ids[0] = bos;
    System.arraycopy(tokens, 0, ids, 1, kept);
    ids[kept + 1] = eos;
    return ids;
  }
}
