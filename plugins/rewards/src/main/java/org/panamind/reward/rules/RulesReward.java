package org.panamind.reward.rules;

import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;
import org.panamind.stage.reward.RewardModel;
import org.pf4j.Extension;

/**
 * {@code rules:RULE,RULE=WEIGHT,RULE:PARAMETER=WEIGHT}, a weighted sum; {@code rules} alone is
 * {@code rules:exact}. A weight is 1 unless given. The rules, before their weights:
 *
 * <ul>
 *   <li>{@code exact}: 1 if the answer is right, else 0. Of a sample record {@link
 *       org.panamind.dataset.sample.TaskCheck} says what is right; of any other record the reply's
 *       {@code <answer>} block (else what follows its thinking, else all) must be the record's
 *       {@code answer}, {@code ground_truth} or {@code gt}, white space at the ends aside.
 *   <li>{@code numeric}: 1 if the last number in the reply's answer equals the last number in the
 *       record's, else 0; {@code 1,234.50} is 1234.5.
 *   <li>{@code format}: MiniMind's 0.5 for a reply that is a {@code <think>} block and then an
 *       {@code <answer>} block, each on lines of its own.
 *   <li>{@code tags}: MiniMind's 0.25 for each of the four tags that occurs exactly once.
 *   <li>{@code length:20-800}: 0.5 for a reply within the band, both ends counted, in tokens,
 *       otherwise -0.5.
 *   <li>{@code repetition}: from -0.5 to 0, see {@code Repetition}; {@code repetition:12} takes
 *       longer n-grams than 8 characters.
 *   <li>{@code ended}: 1 if the reply came to its end, 0 if it was cut off.
 * </ul>
 */
@Extension
public final class RulesReward implements RewardModel {
  private static final String DEFAULT = "exact";

  @Override
  public String name() {
    return "rules";
  }

  @Override
  public String summary() {
    return "weighted rules: " + String.join(", ", RuleKind.names());
  }

  @Override
  public Reward open(String argument, RewardContext context) {
    return RuleList.parse(argument.isEmpty() ? DEFAULT : argument);
  }
}
