package org.panamind.host.train;

import java.util.Map;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.Console;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.torch.DType;
import org.panamind.torch.Device;

/**
 * What a run was told.
 *
 * @param stage its name
 * @param options of the loop
 * @param config all resolved options by name, for the checkpoint
 * @param console where it talks
 * @param device where it computes
 * @param precision of matrix products
 * @param companions with whom it trains
 */
record RunSetup(
    String stage,
    TrainingOptions options,
    Map<String, Object> config,
    Console console,
    Device device,
    DType precision,
    Companions companions) {
  /** The other processes. */
  Ranks ranks() {
    return companions.ranks();
  }
}
