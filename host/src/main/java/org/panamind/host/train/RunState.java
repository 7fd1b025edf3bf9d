package org.panamind.host.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.Weights;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * A run's whole state to a folder and back: weights and moments in float32, generators, counters,
 * the stage's own.
 */
final class RunState {
  private static final String WEIGHTS = "weights.safetensors";
  private static final String MOMENTS = "optimizer.safetensors";
  private static final String GENERATORS = "generators.safetensors";
  private static final String PROGRESS = "progress.json";
  private static final int DATA_ERROR = 65;
  private static final ObjectMapper JSON = new ObjectMapper();

  private RunState() {}

  /** Writes all files and returns their names. */
  static List<String> write(Path folder, TrainingLoop<?> loop, Device device, Checkpoint progress)
      throws IOException {
    write(folder.resolve(WEIGHTS), loop.optimizers().weights());
    write(folder.resolve(MOMENTS), loop.optimizers().moments());
    try (var scope = TensorScope.open()) {
      write(folder.resolve(GENERATORS), RandomState.of(device).states());
    }
    Files.write(
        folder.resolve(PROGRESS),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(progress));
    return List.of(WEIGHTS, MOMENTS, GENERATORS, PROGRESS);
  }

  private static void write(Path file, Map<String, Tensor> tensors) {
    TensorFiles.store(tensors, stored -> Safetensors.write(file, stored, Map.of()));
  }

  /** About as many bytes as {@link #write} will need. */
  static long bytes(TrainingLoop<?> loop) {
    return Stream.of(loop.optimizers().weights(), loop.optimizers().moments())
        .flatMap(tensors -> tensors.values().stream())
        .mapToLong(tensor -> tensor.numel() * tensor.dtype().bytes())
        .sum();
  }

  /** The counters of a checkpoint, without its tensors. */
  static Checkpoint readProgress(Path folder) {
    try {
      return JSON.readValue(folder.resolve(PROGRESS).toFile(), Checkpoint.class);
    } catch (IOException e) {
      throw new StageException(
          DATA_ERROR,
          "checkpoint " + folder + ": " + PROGRESS + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  /**
   * Puts everything back in place.
   *
   * @throws StageException if weights or moments are of another model, or the data of other length
   */
  static void restore(
      Path folder, Checkpoint progress, TrainingLoop<?> loop, TrainingRun<?> run, Device device) {
    requireSameLength(folder, progress, loop);
    try {
      read(folder.resolve(WEIGHTS), loop.optimizers().weights());
      read(folder.resolve(MOMENTS), loop.optimizers().moments());
    } catch (WeightException e) {
      throw new StageException(
          DATA_ERROR,
          "checkpoint "
              + folder
              + " is of another model, though all options are the same: was the tokenizer or"
              + " --from_weight replaced? "
              + e.getMessage(),
          e);
    }
    loop.optimizers().restoreStepCount(progress.optimizerSteps());
    loop.lossScale().restore(progress.lossScale(), progress.goodUpdates());
    loop.at().restore(progress);
    run.restore(progress.stageState());
    try (var open = Weights.open(folder.resolve(GENERATORS));
        var scope = TensorScope.open()) {
      RandomState.read(open).restore(device);
    }
  }

  private static void requireSameLength(Path folder, Checkpoint progress, TrainingLoop<?> loop) {
    long now = loop.schedule().total();
    if (progress.totalMicroBatches() == now) return;
    throw new StageException(
        DATA_ERROR,
        ("checkpoint %s belongs to a run of %d micro-batches, this one has %d: the data changed."
                + " Restore them or start without --from_resume.")
            .formatted(folder, progress.totalMicroBatches(), now));
  }

  private static void read(Path file, Map<String, Tensor> targets) {
    try (var open = Weights.open(file)) {
      TensorFiles.read(open, targets);
    }
  }

  /** Options in which a resumed run may differ from the one that was stopped. */
  private static final List<String> FREE =
      List.of(
          "from_resume",
          "log_interval",
          "save_interval",
          "eval_interval",
          "keep_checkpoints",
          "num_workers",
          "device",
          "save_dir",
          "checkpoint_dir");

  /** Refuses to go on with other options than the run began with, naming each. */
  static void requireSameConfig(Path folder, Map<String, Object> saved, Map<String, Object> now) {
    List<String> differences = new ArrayList<>();
    Map<?, ?> written = JSON.convertValue(now, Map.class);
    for (var option : written.entrySet()) {
      var name = (String) option.getKey();
      Object before = saved.get(name);
      if (FREE.contains(name) || String.valueOf(before).equals(String.valueOf(option.getValue())))
        continue;
      differences.add(
          "--" + name + " was " + shown(before) + ", now is " + shown(option.getValue()));
    }
    if (!differences.isEmpty()) {
      throw new ConfigException(
          "checkpoint "
              + folder
              + " belongs to another run: "
              + String.join("; ", differences)
              + ". Give the same options or start without --from_resume.");
    }
  }

  private static String shown(Object value) {
    return value == null ? "none" : value.toString();
  }
}
