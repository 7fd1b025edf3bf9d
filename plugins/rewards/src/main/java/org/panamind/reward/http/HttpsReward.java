package org.panamind.reward.http;

import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;
import org.panamind.stage.reward.RewardModel;
import org.pf4j.Extension;

/** {@link HttpReward} over TLS; the server's certificate must be one that the JVM trusts. */
@Extension
public final class HttpsReward implements RewardModel {
  @Override
  public String name() {
    return "https";
  }

  @Override
  public String summary() {
    return "a scoring server over TLS";
  }

  @Override
  public Reward open(String argument, RewardContext context) {
    return ScoringServer.open(name() + ":" + argument, Limits.USUAL, context.console());
  }
}
