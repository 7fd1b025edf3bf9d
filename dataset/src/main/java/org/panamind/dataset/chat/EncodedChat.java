package org.panamind.dataset.chat;

import java.util.Arrays;
import org.panamind.dataset.batch.Row;

/**
 * A conversation's tokens.
 *
 * @param ids tokens
 * @param answers for each token the number of the answer it belongs to, from 0, or -1
 * @param starts for each token the position of its first char in the rendered text
 */
public record EncodedChat(int[] ids, int[] answers, int[] starts) {
  /** Belongs to no answer. */
  public static final int NO_ANSWER = -1;

  /**
   * A row that learns answers.
   *
   * @param maxSeqLen the longest row; what lies behind is cut off
   * @param firstAnswer the first answer to learn, 0 for all
   */
  public Row row(int maxSeqLen, int firstAnswer) {
    int length = Math.min(maxSeqLen, ids.length);
    int[] kept = Arrays.copyOf(ids, length);
    int[] labels = new int[length];
    for (int t = 0; t < length; t++) {
      boolean learned = answers[t] != NO_ANSWER && answers[t] >= firstAnswer;
      labels[t] = learned ? ids[t] : Row.IGNORED;
    }
    return Row.of(kept, labels);
  }

  /** How many answers there are. */
  public int answerCount() {
    int last = NO_ANSWER;
    for (int answer : answers) {
      last = Math.max(last, answer);
    }
    return last + 1;
  }
}
