package org.panamind.stage.reward;

import org.pf4j.ExtensionPoint;

/**
 * A kind of reward, chosen by {@code --reward NAME:ARGUMENT}. A plugin that brings one is dropped
 * into the plugin folder as a stage is.
 */
public interface RewardModel extends ExtensionPoint {
  /** Lower-case letters, digits and underscores. */
  String name();

  /** One line for {@code host stages}. */
  String summary();

  /**
   * Makes it ready.
   *
   * @param argument what follows the first colon; empty if nothing does
   * @return to be closed by the caller
   * @throws org.panamind.stage.ConfigException if the argument means nothing to it
   * @throws org.panamind.stage.StageException if what the argument names cannot be used
   */
  Reward open(String argument, RewardContext context);
}
