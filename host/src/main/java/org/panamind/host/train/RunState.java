package org.panamind.host.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.Safetensors;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.Weights;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.Generators;
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
  private static final String STAGE = "stage.safetensors";
  private static final String PROGRESS = "progress.json";
  private static final int DATA_ERROR = 65;
  private static final ObjectMapper JSON = new ObjectMapper();

  private RunState() {}

  /**
   * What is written, of all ranks together.
   *
   * @param weights by name, no copies
   * @param moments by name, of this rank no copies, of others in the scope of the caller
   * @param generators by name and rank, in the scope of the caller
   * @param stage the stage's own by name, no copies
   */
  record Tensors(
      Map<String, Tensor> weights,
      Map<String, Tensor> moments,
      Map<String, Tensor> generators,
      Map<String, Tensor> stage) {
    /** Called by all ranks; complete on rank 0. */
    static Tensors gather(TrainingLoop<?> loop, TrainingRun<?> run, RunSetup setup) {
      return new Tensors(
          loop.optimizers().weights(),
          loop.optimizers().moments(),
          RandomState.gather(setup.device(), setup.ranks()),
          run.stateTensors());
    }

    /** About as many bytes as {@link RunState#write} will need. */
    long bytes() {
      return weightBytes() + bytes(moments) + bytes(generators) + bytes(stage);
    }

    /** About as many bytes as the weights alone need. */
    long weightBytes() {
      return bytes(weights);
    }

    private static long bytes(Map<String, Tensor> tensors) {
      return tensors.values().stream()
          .mapToLong(tensor -> tensor.numel() * tensor.dtype().bytes())
          .sum();
    }
  }

  /** A stage's state as numbers by name, in the order of names; tensors of the current scope. */
  static Map<String, Tensor> numbers(Map<String, String> state) {
    var tensors = new TreeMap<String, Tensor>();
    state.forEach((name, text) -> tensors.put(name, Tensor.of(text.chars().toArray())));
    return tensors;
  }

  /** Writes all files and returns their names. */
  static List<String> write(Path folder, Tensors tensors, Checkpoint progress) throws IOException {
    write(folder.resolve(WEIGHTS), tensors.weights);
    write(folder.resolve(MOMENTS), tensors.moments);
    write(folder.resolve(GENERATORS), tensors.generators);
    var files = new ArrayList<>(List.of(WEIGHTS, MOMENTS, GENERATORS, PROGRESS));
    if (!tensors.stage.isEmpty()) {
      write(folder.resolve(STAGE), tensors.stage);
      files.add(STAGE);
    }
    Files.write(
        folder.resolve(PROGRESS),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(progress));
    return files;
  }

  private static void write(Path file, Map<String, Tensor> tensors) {
    TensorFiles.store(tensors, stored -> Safetensors.write(file, stored, Map.of()));
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
      Path folder, Checkpoint progress, TrainingLoop<?> loop, TrainingRun<?> run, RunSetup setup) {
    requireSameLength(folder, progress, loop);
    try (var scope = TensorScope.open()) {
      read(folder.resolve(WEIGHTS), loop.optimizers().weights());
      read(folder.resolve(MOMENTS), loop.optimizers().momentTargets());
      if (!run.stateTensors().isEmpty()) read(folder.resolve(STAGE), run.stateTensors());
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
    loop.spikes().restore(progress.recentLosses(), progress.recentNorms());
    loop.at().restore(progress);
    run.restore(progress.stageState());
    restoreGenerators(folder.resolve(GENERATORS), progress, setup);
  }

  /** A rank that is new to the run begins a sequence of its own, the same at every attempt. */
  private static void restoreGenerators(Path file, Checkpoint progress, RunSetup setup) {
    int rank = setup.ranks().share().rank();
    try (var open = Weights.open(file);
        var scope = TensorScope.open()) {
      RandomState.read(open, rank)
          .ifPresentOrElse(
              state -> state.restore(setup.device()),
              () -> Generators.seed(setup.options().seed() + rank + (progress.step() << 32)));
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

  private static final String BATCH_SIZE = "batch_size";

  /** Options in which a resumed run may differ from the one that was stopped. */
  private static final List<String> FREE =
      List.of(
          "from_resume",
          "log_interval",
          "save_interval",
          "eval_interval",
          "keep_checkpoints",
          "save_failures",
          "num_workers",
          "device",
          "save_dir",
          "checkpoint_dir");

  /**
   * Refuses to go on with other options than the run began with, naming each. With another number
   * of ranks the batch over all of them must stay.
   */
  static void requireSameConfig(Path folder, Checkpoint checkpoint, RunSetup setup) {
    Map<String, Object> saved = checkpoint.config();
    int ranks = setup.ranks().share().world();
    int ranksBefore = Math.max(1, checkpoint.ranks());
    List<String> differences = new ArrayList<>();
    Map<?, ?> written = JSON.convertValue(setup.config(), Map.class);
    for (var option : written.entrySet()) {
      var name = (String) option.getKey();
      Object before = saved.get(name);
      if (name.equals(BATCH_SIZE) && ranks != ranksBefore) {
        long rows = ((Number) before).longValue() * ranksBefore;
        if (((Number) option.getValue()).longValue() * ranks == rows) continue;
        differences.add(
            "--batch_size was %s on each of %d ranks, now is %s on each of %d; together it must stay %d"
                .formatted(before, ranksBefore, option.getValue(), ranks, rows));
        continue;
      }
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
