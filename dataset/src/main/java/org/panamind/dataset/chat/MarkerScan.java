package org.panamind.dataset.chat;

import java.util.Arrays;
import org.panamind.dataset.tokenizer.SpecialTokens;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * MiniMind's way to find answers, for comparison: the whole text is encoded with every marker in it
 * as a control token, and answers are what stands between the ids of {@code
 * <|im_start|>assistant\n} and those of {@code <|im_end|>\n}, these included. It misses an answer
 * that begins with newlines and takes markers that a user typed for real ones; {@link ChatEncoder}
 * does neither.
 */
public final class MarkerScan {
  private final Tokenizer tokenizer;
  private final int[] header;
  private final int[] end;

  /**
   * Prepares the markers.
   *
   * @throws org.panamind.dataset.DataException if the tokenizer names no bos or eos token
   */
  public MarkerScan(Tokenizer tokenizer) {
    SpecialTokens roles = tokenizer.specialTokens();
    this.tokenizer = tokenizer;
    this.header = tokenizer.encode(tokenizer.tokenOf(roles.bosId()).orElseThrow() + "assistant\n");
    this.end = tokenizer.encode(tokenizer.tokenOf(roles.eosId()).orElseThrow() + "\n");
  }

  /** The ids of a text with the answers that this way finds. */
  public EncodedChat encode(String text) {
    int[] ids = tokenizer.encode(text);
    int[] answers = new int[ids.length];
    Arrays.fill(answers, EncodedChat.NO_ANSWER);
    int number = 0;
    for (int i = 0; i < ids.length; ) {
      if (!matches(ids, i, header)) {
        i++;
        continue;
      }
      int from = i + header.length;
      int at = from;
      while (at < ids.length && !matches(ids, at, end)) {
        at++;
      }
      i = Math.min(at + end.length, ids.length);
      Arrays.fill(answers, Math.min(from, i), i, number++);
    }
    return new EncodedChat(ids, answers, ChatEncoder.starts(ids, 0, tokenizer));
  }

  private static boolean matches(int[] ids, int at, int[] marker) {
    return Arrays.equals(
        ids, at, Math.min(ids.length, at + marker.length), marker, 0, marker.length);
  }
}
