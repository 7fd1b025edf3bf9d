package org.panamind.stage.train;

import java.util.List;
import java.util.Objects;
import org.panamind.dataset.order.RankShare;
import org.panamind.stage.Console;
import org.panamind.stage.reward.RewardModel;
import org.panamind.torch.DType;
import org.panamind.torch.Device;

/**
 * The surroundings of a training run.
 *
 * @param console where the stage talks to its user; silent on all ranks but the first
 * @param device where the weights go
 * @param precision of matrix products
 * @param share this rank's part of the data
 * @param ranks sums over all ranks
 * @param rewardModels what is installed
 */
public record TrainingContext(
    Console console,
    Device device,
    DType precision,
    RankShare share,
    RankSums ranks,
    List<RewardModel> rewardModels) {
  /** Checks that nothing is missing. */
  public TrainingContext {
    Objects.requireNonNull(console, "console");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(share, "share");
    Objects.requireNonNull(ranks, "ranks");
    rewardModels = List.copyOf(rewardModels);
  }
}
