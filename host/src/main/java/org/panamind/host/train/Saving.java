package org.panamind.host.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.panamind.stage.StageException;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.TensorScope;

/** Checkpoints and weights of one run: both written together, and one of them read to go on. */
final class Saving<B> {
  private static final int DATA_ERROR = 65;
  private static final int RANK_FAILED = 75;
  private static final long NEVER = -1;

  private final RunSetup setup;
  private final TrainingRun<B> run;
  private final TrainingLoop<B> loop;
  private final Outputs outputs;
  private final CheckpointStore store;
  private long checkpointAt = NEVER;
  private long weightsAt = NEVER;
  private int failures;

  Saving(
      RunSetup setup,
      TrainingRun<B> run,
      TrainingLoop<B> loop,
      Outputs outputs,
      CheckpointStore store) {
    this.setup = setup;
    this.run = run;
    this.loop = loop;
    this.outputs = outputs;
    this.store = store;
  }

  Path folder() {
    return store.folder();
  }

  /**
   * Goes on from the newest whole checkpoint, and says which. Ranks that are started again do so
   * unasked, when this launch has saved one.
   */
  Optional<Path> resume() {
    boolean asked = setup.options().fromResume();
    if (!asked && setup.ranks().attempt() == 0) return Optional.empty();
    Optional<Path> newest = newest();
    if (asked && newest.isEmpty()) throw nothingWhole();
    if (newest.isEmpty()) return newest;
    Checkpoint saved = RunState.readProgress(newest.get());
    if (!asked && !saved.launch().equals(setup.ranks().runId())) return Optional.empty();
    RunState.requireSameConfig(newest.get(), saved, setup);
    RunState.restore(newest.get(), saved, loop, run, setup);
    if (setup.ranks().isFirst()) store.tidyAfter(newest.get());
    outputs.areOwn();
    checkpointAt = saved.step();
    return newest;
  }

  /** The first rank looks, so that all take the same. */
  private Optional<Path> newest() {
    var ranks = setup.ranks();
    var found = ranks.isFirst() ? store.newest(setup.console()::warn) : Optional.<Path>empty();
    var name = ranks.fromFirst(found.map(Path::toString).orElse(""));
    return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
  }

  private StageException nothingWhole() {
    return new StageException(
        DATA_ERROR,
        "there is no whole checkpoint in %s%s; start without --from_resume"
            .formatted(store.folder(), others()));
  }

  /** A size given differently is another run, in a folder of its own. */
  private String others() {
    Path parent = store.folder().toAbsolutePath().getParent();
    if (!Files.isDirectory(parent)) return "";
    try (Stream<Path> beside = Files.list(parent)) {
      List<String> names = beside.map(path -> path.getFileName().toString()).sorted().toList();
      return names.isEmpty() ? "" : " (in the folder above: " + String.join(", ", names) + ")";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + parent + ": " + e.getMessage(), e);
    }
  }

  /**
   * Saves in the midst of a run. A disk that is full or gone need not end it: it goes on without,
   * until so many saves in a row have failed.
   *
   * @throws UncheckedIOException on rank 0, a {@link StageException} on the others, if this was the
   *     last failure allowed
   */
  void save() {
    var failure = attempt();
    failures = failure.isPresent() ? failures + 1 : 0;
    if (failure.isEmpty()) return;
    int allowed = setup.options().saveFailures();
    if (failures >= allowed) throw failure.get();
    setup
        .console()
        .warn(
            "%s Training goes on: %d of %d failed saves in a row (--save_failures)"
                .formatted(failure.get().getMessage(), failures, allowed));
  }

  /** Saves at the end of a run, which has not ended well without. */
  void saveLast() {
    attempt()
        .ifPresent(
            failure -> {
              throw failure;
            });
  }

  /**
   * Writes what is not written yet of the run as it stands; the first rank does, when all have
   * shown that they hold the same.
   *
   * @return why it could not be written, on all ranks alike
   */
  private Optional<RuntimeException> attempt() {
    long now = loop.at().updates();
    if (checkpointAt == now && weightsAt == now) return Optional.empty();
    var ranks = setup.ranks();
    ranks.requireEqual("parameters", loop.optimizers().weights());
    var state = run.state();
    try (var scope = TensorScope.open()) {
      ranks.requireEqual("entries of the stage's state", RunState.numbers(state));
      var tensors = RunState.Tensors.gather(loop, run, setup);
      ranks.requireEqual("tensors of the stage's state", tensors.stage());
      var progress = Checkpoint.of(loop, setup, state);
      var failure = ranks.isFirst() ? failureOf(() -> write(now, tensors, progress)) : null;
      if (ranks.any(failure != null)) return Optional.of(failure != null ? failure : elsewhere());
    }
    checkpointAt = weightsAt = now;
    return Optional.empty();
  }

  private StageException elsewhere() {
    return new StageException(RANK_FAILED, "rank 0 could not save step " + loop.at().updates());
  }

  /**
   * The others must hear of it before this rank ends. What is no matter of the disk ends it now.
   */
  private static RuntimeException failureOf(Runnable action) {
    try {
      action.run();
      return null;
    } catch (UncheckedIOException e) {
      return e;
    }
  }

  private void write(long now, RunState.Tensors tensors, Checkpoint progress) {
    if (checkpointAt != now) checkpoint(now, tensors, progress);
    if (weightsAt != now) weights(tensors);
  }

  private void weights(RunState.Tensors tensors) {
    try {
      run.writeWeights(outputs.weights());
    } catch (UncheckedIOException e) {
      String room = CheckpointStore.room(tensors.weightBytes(), outputs.weights().getParent());
      throw new UncheckedIOException(e.getMessage() + "; " + room + ".", e.getCause());
    }
  }

  private void checkpoint(long now, RunState.Tensors tensors, Checkpoint progress) {
    outputs.claimWeights();
    outputs.claimCheckpoints();
    try {
      store.save(
          now,
          tensors.bytes(),
          folder -> {
            var names = RunState.write(folder, tensors, progress);
            setup.companions().faults().strikeSave(now);
            return names;
          });
    } catch (RuntimeException e) {
      outputs.giveCheckpointsBack();
      throw e;
    }
    outputs.keepCheckpoints();
  }
}
