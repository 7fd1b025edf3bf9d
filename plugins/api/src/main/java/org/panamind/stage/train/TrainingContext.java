package org.panamind.stage.train;

import java.util.Objects;
import org.panamind.dataset.order.RankShare;
import org.panamind.stage.Console;
import org.panamind.torch.Device;

/**
 * The surroundings of a training run.
 *
 * @param console where the stage talks to its user; silent on all ranks but the first
 * @param device where the weights go
 * @param share this rank's part of the data
 */
public record TrainingContext(Console console, Device device, RankShare share) {
  /** Checks that nothing is missing. */
  public TrainingContext {
    Objects.requireNonNull(console, "console");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(share, "share");
  }
}
