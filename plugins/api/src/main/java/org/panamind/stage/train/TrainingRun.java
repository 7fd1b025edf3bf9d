package org.panamind.stage.train;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.panamind.stage.Console;
import org.panamind.torch.Tensor;

/**
 * One run of a training stage: the models, the data and the loss. The host calls it from one
 * thread, inside a {@link org.panamind.torch.TensorScope} and the chosen precision.
 *
 * @param <B> what the stage calls a batch
 */
public interface TrainingRun<B> extends AutoCloseable {
  /** What is trained; each group has an optimizer of its own. The same at every call. */
  List<ParameterGroup> groups();

  /** Where batches come from. */
  TrainingData<B> data();

  /**
   * The loss of one batch, with its graph. Called with gradients on for training, and with
   * gradients off and {@link #training} false to measure held-out batches.
   */
  StepLoss forward(B batch);

  /**
   * The losses that one batch yields, each computed when it is asked for: a stage that samples
   * first and then takes several updates on the samples returns several.
   */
  default Iterator<StepLoss> losses(B batch) {
    return Stream.of(batch).map(this::forward).iterator();
  }

  /** How many losses each batch yields. */
  default int lossesPerBatch() {
    return 1;
  }

  /**
   * Whether the first update has the schedule's peak, as torch's CosineAnnealingLR begins, rather
   * than its first step down.
   */
  default boolean startsAtPeak() {
    return false;
  }

  /** Says whether dropout and the like are on. */
  void training(boolean on);

  /**
   * Floating-point operations of training on one token, for the share of the machine's peak; 0 if
   * unknown.
   */
  default double flopsPerToken(B batch) {
    return 0;
  }

  /**
   * Name of the weights' file in the save folder, without its ending, for example {@code
   * pretrain_512}.
   */
  String outputName();

  /** Writes the trained weights as the next stage wants them, whole or not at all. */
  void writeWeights(Path safetensors);

  /**
   * What else must survive a resume, by name; empty by default. Weights, optimizers, random
   * generators and the place in the data are the host's.
   *
   * <p>Of several ranks all must hold the same state: make it of what the ranks have summed up, not
   * of what one of them has seen. The host compares it at every save and ends the run (exit code
   * 75, naming the entries) when it differs. So a checkpoint holds one state, which every rank gets
   * back, however many ranks go on from it.
   */
  default Map<String, String> state() {
    return Map.of();
  }

  /**
   * Restores what {@link #state} gave, on every rank the same, before the first batch. The ranks
   * may be more or fewer than those that saved it.
   */
  default void restore(Map<String, String> state) {}

  /**
   * Tensors beside the trained weights that must survive a resume, by name; none by default. The
   * same names and shapes at every call, and like {@link #state} the same on all ranks; a resume
   * writes into them.
   */
  default Map<String, Tensor> stateTensors() {
    return Map.of();
  }

  /** Shows what the trained model does; nothing by default. */
  default void show(Console console) {}

  /** Frees models and data. */
  @Override
  void close();
}
