package org.panamind.model.rollout;

import org.panamind.model.ModelConfigException;
import org.panamind.model.Sampling;

/**
 * How a batch is generated. Names in messages are the host's flags.
 *
 * @param maxNew most tokens of an answer, its end counted
 * @param endId the token that ends an answer
 * @param padId fills rows up; never looked at
 * @param sampling how tokens are drawn
 * @param stopEvery tokens between two looks at which rows have ended; each look waits for the
 *     device
 */
public record RolloutOptions(int maxNew, long endId, long padId, Sampling sampling, int stopEvery) {
  /** Checks the bounds. */
  public RolloutOptions {
    if (maxNew < 1)
      throw new ModelConfigException("--max_gen_len is " + maxNew + ", must be above 0");
    if (padId < 0)
      throw new ModelConfigException("the pad token is " + padId + ", must not be below 0");
    if (stopEvery < 1)
      throw new ModelConfigException("stopEvery is " + stopEvery + ", must be above 0");
  }

  /** Looks after every 4 tokens. */
  public RolloutOptions(int maxNew, long endId, long padId, Sampling sampling) {
    this(maxNew, endId, padId, sampling, 4);
  }
}
