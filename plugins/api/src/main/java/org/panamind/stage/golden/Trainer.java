package org.panamind.stage.golden;

import java.util.List;
import java.util.Map;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.Device;

/**
 * The host's training loop, without checkpoints and logs, for checks that run it on given batches.
 */
public interface Trainer {
  /**
   * One micro-batch as the loop saw it.
   *
   * @param loss mean over what the step's weight counts
   * @param learningRate in force
   * @param metrics means by name
   */
  record Row(double loss, double learningRate, Map<String, Double> metrics) {}

  /** Where the run's tensors must lie. */
  Device device();

  /**
   * Trains through all epochs.
   *
   * @return a row for each micro-batch, in order
   */
  <B> List<Row> train(TrainingRun<B> run, TrainingOptions options);
}
