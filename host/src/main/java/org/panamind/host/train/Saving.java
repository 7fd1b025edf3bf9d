package org.panamind.host.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.panamind.stage.StageException;
import org.panamind.stage.train.TrainingRun;

/** Checkpoints and weights of one run: both written together, and one of them read to go on. */
final class Saving<B> {
  private static final int DATA_ERROR = 65;
  private static final long NEVER = -1;

  private final RunSetup setup;
  private final TrainingRun<B> run;
  private final TrainingLoop<B> loop;
  private final Outputs outputs;
  private final CheckpointStore store;
  private long checkpointAt = NEVER;
  private long weightsAt = NEVER;

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

  /** Goes on from the newest whole checkpoint, and says which. */
  Path resume() {
    Path newest = store.newest(setup.console()::warn).orElseThrow(this::nothingWhole);
    Checkpoint saved = RunState.readProgress(newest);
    RunState.requireSameConfig(newest, saved.config(), setup.config());
    RunState.restore(newest, saved, loop, run, setup.device());
    store.setAsideAfter(newest);
    outputs.areOwn();
    checkpointAt = saved.step();
    return newest;
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

  /** Writes what is not written yet of the run as it stands. */
  void save() {
    long now = loop.at().updates();
    if (checkpointAt != now) checkpoint(now);
    if (weightsAt != now) run.writeWeights(outputs.weights());
    weightsAt = now;
  }

  private void checkpoint(long now) {
    outputs.claimWeights();
    outputs.claimCheckpoints();
    var progress = Checkpoint.of(loop, setup.stage(), setup.config(), run.state());
    try {
      store.save(
          now,
          RunState.bytes(loop),
          folder -> RunState.write(folder, loop, setup.device(), progress));
    } catch (RuntimeException e) {
      outputs.giveCheckpointsBack();
      throw e;
    }
    outputs.keepCheckpoints();
    checkpointAt = now;
  }
}
