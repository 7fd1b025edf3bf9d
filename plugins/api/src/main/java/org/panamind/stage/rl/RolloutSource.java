package org.panamind.stage.rl;

import org.panamind.dataset.rows.PromptBatch;

/** Where scored answers come from: {@link Sampler} in training, a recording in checks. */
@FunctionalInterface
public interface RolloutSource {
  /**
   * Answers to prompts, those to one prompt side by side, with their scores.
   *
   * @return owned by the current scope
   */
  ScoredRollout sample(PromptBatch batch, Drawing drawing);
}
