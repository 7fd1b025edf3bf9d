package org.panamind.host.train;

import java.util.List;
import java.util.Map;
import org.panamind.dataset.order.Cursor;

/**
 * What a run is besides its tensors: small enough for one JSON file.
 *
 * @param step updates done
 * @param microBatches micro-batches done
 * @param optimizerSteps updates that moved the weights
 * @param cursor where the data goes on
 * @param totalMicroBatches of the run, so that other data do not bend the schedule in silence
 * @param lossScale of float16
 * @param goodUpdates since the scale last changed
 * @param badUpdates in a row that were not finite
 * @param skippedUpdates in all that were not finite, or spikes
 * @param recentLosses the latest, by which spikes are known
 * @param recentNorms of the gradients, likewise
 * @param stage name of the stage
 * @param config the resolved options
 * @param ranks that trained together
 * @param launch the id of their launch, empty when they had none
 * @param stageState what the stage added
 */
record Checkpoint(
    long step,
    long microBatches,
    long optimizerSteps,
    Cursor cursor,
    long totalMicroBatches,
    double lossScale,
    int goodUpdates,
    int badUpdates,
    long skippedUpdates,
    List<Double> recentLosses,
    List<Double> recentNorms,
    String stage,
    Map<String, Object> config,
    int ranks,
    String launch,
    Map<String, String> stageState) {
  /** Lets runs go on that were saved before there were windows. */
  Checkpoint {
    recentLosses = recentLosses == null ? List.of() : recentLosses;
    recentNorms = recentNorms == null ? List.of() : recentNorms;
  }

  /** The counters of a run as it stands. */
  static Checkpoint of(TrainingLoop<?> loop, RunSetup setup, Map<String, String> state) {
    var at = loop.at();
    return new Checkpoint(
        at.updates(),
        at.microBatches(),
        loop.optimizers().stepCount(),
        at.cursor(),
        loop.schedule().total(),
        loop.lossScale().value(),
        loop.lossScale().good(),
        at.badInARow(),
        at.skipped(),
        loop.spikes().losses(),
        loop.spikes().norms(),
        setup.stage(),
        setup.config(),
        setup.ranks().share().world(),
        setup.ranks().runId(),
        state);
  }
}
