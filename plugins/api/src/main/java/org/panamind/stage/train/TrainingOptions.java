package org.panamind.stage.train;

import java.nio.file.Path;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;

/**
 * Options of every stage that trains, as a component of its config record. Names and meaning are
 * MiniMind's where it has them.
 *
 * @param epochs passes over the data
 * @param batchSize rows of one micro-batch on one rank
 * @param accumulationSteps micro-batches whose gradients make one update
 * @param learningRate at the peak of the schedule
 * @param warmupSteps updates over which the rate rises from 0
 * @param gradClip largest L2 norm of a group's gradient; 0 for no limit
 * @param weightDecay AdamW's
 * @param spikeSigma standard deviations above the recent mean from which a loss or gradient norm
 *     makes its update skipped; 0 for none
 * @param maxSteps updates after which the run ends, or null
 * @param logInterval updates between rows of the log
 * @param saveInterval updates between checkpoints
 * @param evalInterval updates between measurements on held-out data, or null for the end only
 * @param keepCheckpoints newest checkpoints that stay
 * @param saveFailures saves in a row whose failure ends the run
 * @param saveDir folder of weights and logs
 * @param checkpointDir folder of checkpoints
 * @param saveWeight first part of the weights' file name
 * @param fromResume whether the newest checkpoint goes on
 * @param device cpu, cuda or cuda:N; null for CUDA where LibTorch has it
 * @param dtype precision of matrix products; null for bfloat16 on CUDA, float32 on the CPU
 * @param numWorkers threads that prepare batches
 * @param seed of everything random
 * @param compat whose forms count
 */
public record TrainingOptions(
    @Option(help = "passes over the data") int epochs,
    @Option(help = "rows of one micro-batch on one rank", unit = "rows") int batchSize,
    @Option(help = "micro-batches whose gradients make one update") int accumulationSteps,
    @Option(help = "learning rate at the peak; falls to a tenth along a cosine")
        double learningRate,
    @Option(help = "updates over which the learning rate rises from 0", unit = "updates")
        int warmupSteps,
    @Option(help = "largest L2 norm of the gradient, 0 for no limit") double gradClip,
    @Option(help = "AdamW's weight decay") double weightDecay,
    @Option(
            help =
                "skips an update whose loss or gradient norm is so many standard deviations above"
                    + " those of the last 128; 0 skips none")
        double spikeSigma,
    @Option(help = "ends the run after so many updates", unit = "updates") Integer maxSteps,
    @Option(help = "updates between log rows", unit = "updates", group = "Output") int logInterval,
    @Option(help = "updates between checkpoints", unit = "updates", group = "Output")
        int saveInterval,
    @Option(
            help = "updates between measurements on held-out data; none measures at the end only",
            unit = "updates",
            group = "Output")
        Integer evalInterval,
    @Option(help = "newest checkpoints that stay", group = "Output") int keepCheckpoints,
    @Option(
            help = "failed saves in a row (a full disk) that end the run; until then it goes on",
            group = "Output")
        int saveFailures,
    @Option(help = "folder of weights and logs", group = "Output") Path saveDir,
    @Option(help = "folder of checkpoints", group = "Output") Path checkpointDir,
    @Option(help = "first part of the weights' file name", group = "Output") String saveWeight,
    @Option(help = "1 goes on from the newest whole checkpoint of this run", group = "Output")
        boolean fromResume,
    @Option(help = "cpu, cuda or cuda:N; none takes CUDA where LibTorch has it", group = "Machine")
        String device,
    @Option(
            help = "precision of matrix products; none takes bfloat16 on CUDA, float32 on the CPU",
            group = "Machine")
        Precision dtype,
    @Option(help = "threads that prepare batches", group = "Machine") int numWorkers,
    @Option(help = "seed of everything random", group = "Machine") long seed,
    @Option(help = "whose forms count where MiniMind departs from the paper") Compat compat) {
  /** Checks the bounds. */
  public TrainingOptions {
    Bounds.atLeast("epochs", epochs, 1);
    Bounds.atLeast("batch_size", batchSize, 1);
    Bounds.atLeast("accumulation_steps", accumulationSteps, 1);
    Bounds.positive("learning_rate", learningRate);
    Bounds.atLeast("warmup_steps", warmupSteps, 0);
    Bounds.atLeast("grad_clip", gradClip, 0.0);
    Bounds.atLeast("weight_decay", weightDecay, 0.0);
    if (maxSteps != null) Bounds.atLeast("max_steps", maxSteps, 1);
    Bounds.atLeast("log_interval", logInterval, 1);
    Bounds.atLeast("save_interval", saveInterval, 1);
    if (evalInterval != null) Bounds.atLeast("eval_interval", evalInterval, 1);
    Bounds.atLeast("keep_checkpoints", keepCheckpoints, 1);
    Bounds.atLeast("save_failures", saveFailures, 1);
    Bounds.atLeast("spike_sigma", spikeSigma, 0.0);
    Bounds.atLeast("num_workers", numWorkers, 1);
    Bounds.require(saveDir != null, "save_dir", "none", "must be a folder");
    Bounds.require(checkpointDir != null, "checkpoint_dir", "none", "must be a folder");
    Bounds.require(
        saveWeight != null && saveWeight.matches("[A-Za-z0-9_.-]+"),
        "save_weight",
        saveWeight,
        "must be letters, digits, '_', '.' and '-'");
    Bounds.require(
        device == null || device.matches("cpu|cuda(:\\d{1,3})?"),
        "device",
        device,
        "must be cpu, cuda or cuda:N");
  }

  /**
   * Defaults of a stage: what differs between stages is given, the rest is common.
   *
   * @param saveWeight first part of the weights' file name
   */
  public static TrainingOptions of(
      String saveWeight, int epochs, int batchSize, int accumulationSteps, double learningRate) {
    return new TrainingOptions(
        epochs,
        batchSize,
        accumulationSteps,
        learningRate,
        0,
        1.0,
        0.01,
        0,
        null,
        10,
        1000,
        null,
        2,
        3,
        Path.of("out"),
        Path.of("checkpoints"),
        saveWeight,
        false,
        null,
        null,
        2,
        42,
        Compat.NONE);
  }

  /** The same with checkpoints more or less often. */
  public TrainingOptions withSaveInterval(int updates) {
    return with(updates, weightDecay);
  }

  /** The same with another weight decay. */
  public TrainingOptions withWeightDecay(double weightDecay) {
    return with(saveInterval, weightDecay);
  }

  private TrainingOptions with(int saveInterval, double weightDecay) {
    return new TrainingOptions(
        epochs,
        batchSize,
        accumulationSteps,
        learningRate,
        warmupSteps,
        gradClip,
        weightDecay,
        spikeSigma,
        maxSteps,
        logInterval,
        saveInterval,
        evalInterval,
        keepCheckpoints,
        saveFailures,
        saveDir,
        checkpointDir,
        saveWeight,
        fromResume,
        device,
        dtype,
        numWorkers,
        seed,
        compat);
  }
}
