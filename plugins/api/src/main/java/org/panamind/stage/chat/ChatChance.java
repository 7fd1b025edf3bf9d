package org.panamind.stage.chat;

import org.panamind.dataset.rows.ChatOptions;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.TrainingOptions;

/**
 * What MiniMind changes in conversations by chance, each sample by a draw of its own that the seed
 * decides.
 *
 * @param systemPromptRatio how often a conversation without a system message gets one
 * @param emptyThinkRatio how often an empty thinking block stays
 */
public record ChatChance(
    @Option(help = "share of conversations without a system message that get one")
        double systemPromptRatio,
    @Option(help = "share of empty <think> blocks that stay; minimind-3 has 0.2")
        double emptyThinkRatio) {
  /** MiniMind2's. */
  public static final ChatChance DEFAULT = new ChatChance(ChatOptions.SYSTEM_PROMPT_RATIO, 0.05);

  /** Checks the bounds. */
  public ChatChance {
    Bounds.between("system_prompt_ratio", systemPromptRatio, 0, 1);
    Bounds.between("empty_think_ratio", emptyThinkRatio, 0, 1);
  }

  /** How conversations become rows; in a compat form answers are found as MiniMind finds them. */
  public ChatOptions toOptions(DataOptions data, TrainingOptions training) {
    return new ChatOptions(
        data.maxSeqLen(),
        systemPromptRatio,
        emptyThinkRatio,
        training.compat() != Compat.NONE,
        training.seed());
  }
}
