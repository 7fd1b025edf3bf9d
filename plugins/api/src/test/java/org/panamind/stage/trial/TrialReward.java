package org.panamind.stage.trial;

import java.util.function.ToDoubleFunction;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;
import org.panamind.stage.reward.RewardModel;

/**
 * A reward that a test says itself.
 *
 * @param name behind {@code --reward}
 * @param worth of a reply
 */
public record TrialReward(String name, ToDoubleFunction<Reply> worth) implements RewardModel {
  @Override
  public String summary() {
    return "what a test says";
  }

  @Override
  public Reward open(String argument, RewardContext context) {
    return replies -> replies.stream().mapToDouble(worth).toArray();
  }
}
