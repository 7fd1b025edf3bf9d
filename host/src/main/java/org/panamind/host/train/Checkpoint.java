package org.panamind.host.train;

import java.util.Map;
import org.panamind.dataset.order.Cursor;

/**
 * What a run is besides its tensors: small enough for one JSON file.
 *
 * @param step updates done
 * @param microBatches micro-batches done
 * @param optimizerSteps updates that moved the weights
 * @param cursor where the data goes on
 * @param epochs of the run, so that a schedule is not bent in silence
 * @param totalMicroBatches of the run
 * @param lossScale of float16
 * @param goodUpdates since the scale last changed
 * @param badUpdates in a row that were not finite
 * @param skippedUpdates in all that were not finite
 * @param bestEval lowest held-out loss so far, NaN if none
 * @param stage name of the stage
 * @param config the resolved options
 * @param stageState what the stage added
 */
record Checkpoint(
    long step,
    long microBatches,
    long optimizerSteps,
    Cursor cursor,
    int epochs,
    long totalMicroBatches,
    double lossScale,
    int goodUpdates,
    int badUpdates,
    long skippedUpdates,
    double bestEval,
    String stage,
    Map<String, Object> config,
    Map<String, String> stageState) {}
