package org.panamind.stage.rl;

import java.util.Arrays;
import org.panamind.dataset.order.RankShare;
import org.panamind.stage.train.RankSums;

/**
 * Whether any two rewards of a run have differed yet, on any rank. While none have, nothing tells a
 * good answer from a bad one, and what a normalised advantage would follow is noise of the values.
 */
public final class RewardSpread {
  private double lowest = Double.POSITIVE_INFINITY;
  private double highest = Double.NEGATIVE_INFINITY;

  /** Counts the rewards of answers that count. Called by all ranks. */
  public void see(ScoredRollout answers, RankSums ranks, RankShare share) {
    for (double[] each : ranks.gather(share, answers.ofCounted(answers.rewards()))) {
      lowest = Math.min(lowest, Arrays.stream(each).min().orElse(lowest));
      highest = Math.max(highest, Arrays.stream(each).max().orElse(highest));
    }
  }

  /** Whether two rewards have differed. */
  public boolean isAny() {
    return lowest < highest;
  }

  /** For a checkpoint. */
  public String text() {
    return lowest + " " + highest;
  }

  /** Takes what {@link #text} gave. */
  public void read(String text) {
    var parts = text.split(" ");
    lowest = Double.parseDouble(parts[0]);
    highest = Double.parseDouble(parts[1]);
  }
}
