package org.panamind.stage.grpo;

import org.panamind.stage.rl.ScoredRollout;

/** What length costs near the limit (Yu et al. 2025, arXiv:2503.14476, eq. 13). */
final class Overlong {
  private Overlong() {}

  /**
   * Lowers the reward of long answers, evenly from 0 to 1 over the last tokens before the limit.
   *
   * @param buffer how many tokens that are; 0 changes nothing
   * @param limit most tokens of an answer
   */
  static ScoredRollout shaped(ScoredRollout answers, int buffer, int limit) {
    if (buffer == 0) return answers;
    var rewards = answers.rewards().clone();
    long[] lengths = answers.rollout().lengths();
    for (int n = 0; n < rewards.length; n++)
      rewards[n] -= Math.clamp((double) (lengths[n] - (limit - buffer)) / buffer, 0, 1);
    return answers.with(rewards);
  }
}
