package org.panamind.dataset.rows;

/**
 * How conversations become prompts.
 *
 * @param maxPromptLen the longest prompt, in tokens; of a longer one the end is kept
 * @param systemPromptRatio how often a conversation without a system message gets one, 0 to 1
 * @param thinkingRatio how often the template is told {@code open_thinking}, 0 to 1
 * @param seed of the chances above; each sample has its own
 */
public record PromptOptions(
    int maxPromptLen, double systemPromptRatio, double thinkingRatio, long seed) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public PromptOptions {
    if (maxPromptLen < 1) {
      throw new IllegalArgumentException(
          "the longest prompt must have at least 1 token, this is " + maxPromptLen);
    }
    ChatOptions.requireShare("--system_prompt_ratio", systemPromptRatio);
    ChatOptions.requireShare("--thinking_ratio", thinkingRatio);
  }
}
