package org.panamind.reward.http;

import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;
import org.panamind.stage.reward.RewardModel;
import org.pf4j.Extension;

/**
 * A scoring server. Replies are sent by POST, at most 32 a request:
 *
 * <pre>
 * {"samples": [{"messages": [{"role": "user", "content": "1 + 1?"}],
 *               "response": "2", "ended": true, "record": {"answer": "2"}}]}
 * </pre>
 *
 * {@code messages} is what was to be answered, {@code response} the reply without its end of turn,
 * {@code ended} is false for one that was cut off, {@code record} is the line of data. The answer
 * has status 200 and a finite number for each, in their order:
 *
 * <pre>
 * {"scores": [1.0]}
 * </pre>
 *
 * A connection that fails, an answer that takes more than two minutes and the statuses 429 and 5xx
 * are tried again, five times in all, half a second to four seconds apart; then, as with any other
 * answer, the run ends with an error. A score is never made up.
 */
@Extension
public final class HttpReward implements RewardModel {
  @Override
  public String name() {
    return "http";
  }

  @Override
  public String summary() {
    return "a scoring server, as in http://127.0.0.1:8000/score";
  }

  @Override
  public Reward open(String argument, RewardContext context) {
    return ScoringServer.open(name() + ":" + argument, Limits.USUAL, context.console());
  }
}
