package org.panamind.dataset.rows;

/**
 * How conversations become rows.
 *
 * @param maxSeqLen the longest row, in tokens; what lies behind is cut off
 * @param systemPromptRatio how often a conversation without a system message gets one, 0 to 1
 * @param emptyThinkRatio how often empty thinking blocks stay, 0 to 1
 * @param markerScan whether answers are found as MiniMind finds them, for {@code --compat minimind}
 * @param seed of the chances above; each sample has its own
 */
public record ChatOptions(
    int maxSeqLen,
    double systemPromptRatio,
    double emptyThinkRatio,
    boolean markerScan,
    long seed) {
  /** How often MiniMind adds a system prompt. */
  public static final double SYSTEM_PROMPT_RATIO = 0.2;

  /** How often minimind-3 keeps an empty thinking block; MiniMind2 has 0.05. */
  public static final double EMPTY_THINK_RATIO = 0.2;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public ChatOptions {
    if (maxSeqLen < 2) {
      throw new IllegalArgumentException("--max_seq_len must be at least 2, this is " + maxSeqLen);
    }
    requireShare("--system_prompt_ratio", systemPromptRatio);
    requireShare("--empty_think_ratio", emptyThinkRatio);
  }

  /** Nothing by chance: conversations as they are. */
  public static ChatOptions plain(int maxSeqLen) {
    return new ChatOptions(maxSeqLen, 0, 1, false, 0);
  }

  static void requireShare(String name, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(name + " must be 0 to 1, this is " + share);
    }
  }
}
