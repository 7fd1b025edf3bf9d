package org.panamind.host.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import org.panamind.stage.Console;

/**
 * Where a run writes: {@code <save_dir>/<name>.safetensors}, {@code
 * <save_dir>/<name>/metrics.jsonl} and its checkpoints. What an earlier run of the same name left
 * there goes to a dated backup right before it would be overwritten, and not earlier: a run that
 * fails before it has anything to write leaves all as it was.
 */
final class Outputs {
  private static final String BACKUP = "backup";
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final Path saveFolder;
  private final String name;
  private final Path checkpoints;
  private final Console console;
  private boolean ownMetrics;
  private boolean ownWeights;
  private boolean ownCheckpoints;
  private Path earlierCheckpoints;

  Outputs(Path saveFolder, String name, Path checkpoints, Console console) {
    this.saveFolder = saveFolder;
    this.name = name;
    this.checkpoints = checkpoints;
    this.console = console;
  }

  Path weights() {
    return saveFolder.resolve(name + ".safetensors");
  }

  Path metrics() {
    return saveFolder.resolve(name).resolve("metrics.jsonl");
  }

  /** A resumed run's outputs are its own. */
  void areOwn() {
    ownMetrics = ownWeights = ownCheckpoints = true;
  }

  /** Fails now rather than after hours of training when nothing can be written. */
  void requireWritable() {
    requireWritable("save_dir", saveFolder);
    requireWritable("checkpoint_dir", checkpoints.toAbsolutePath().getParent());
  }

  private static void requireWritable(String flag, Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".writable", null));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write to --%s %s: %s. Name a folder that can be written."
              .formatted(flag, folder, reason(e)),
          e);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getClass().getSimpleName() + " " + e.getMessage();
  }

  /** Before the first row of the log. */
  void claimMetrics() {
    if (ownMetrics) return;
    ownMetrics = true;
    moveAside(metrics().getParent(), saveFolder.resolve(BACKUP));
  }

  /**
   * Before the first weights: the earlier ones get a second name and keep their own until they are
   * replaced, so that a kill or a full disk in between costs nothing.
   */
  void claimWeights() {
    if (ownWeights) return;
    ownWeights = true;
    if (!Files.exists(weights())) return;
    Path to = free(saveFolder.resolve(BACKUP), ".safetensors");
    try {
      Files.createDirectories(to.getParent());
      link(weights(), to);
      console.warn("weights of an earlier run are kept as " + to);
    } catch (IOException e) {
      throw failure(weights(), to, e);
    }
  }

  private static void link(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (UnsupportedOperationException | IOException noLinks) {
      copy(from, to);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      Files.deleteIfExists(to);
      throw e;
    }
  }

  /** Before the first checkpoint. */
  void claimCheckpoints() {
    if (ownCheckpoints) return;
    ownCheckpoints = true;
    earlierCheckpoints = moveAside(checkpoints, checkpoints.resolveSibling(BACKUP));
  }

  /** After a first checkpoint that could not be written: the earlier run's go back. */
  void giveCheckpointsBack() {
    if (earlierCheckpoints == null) return;
    try {
      Files.deleteIfExists(checkpoints);
      Files.move(earlierCheckpoints, checkpoints, StandardCopyOption.ATOMIC_MOVE);
      console.warn("moved " + earlierCheckpoints + " back to " + checkpoints);
      earlierCheckpoints = null;
      ownCheckpoints = false;
    } catch (IOException e) {
      console.warn("the earlier run's checkpoints stay in " + earlierCheckpoints);
    }
  }

  /** After the first checkpoint stands. */
  void keepCheckpoints() {
    earlierCheckpoints = null;
  }

  /** Returns where it is now, null when there was nothing. */
  private Path moveAside(Path from, Path backup) {
    if (!Files.exists(from)) return null;
    Path to = free(backup, "");
    try {
      Files.createDirectories(to.getParent());
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      console.warn("moved " + from + " of an earlier run to " + to);
      return to;
    } catch (IOException e) {
      throw failure(from, to, e);
    }
  }

  /** Several runs may begin within a second; none may replace the backup of another. */
  private Path free(Path backup, String ending) {
    String dated = name + "-" + LocalDateTime.now().format(DATE);
    Path path = backup.resolve(dated + ending);
    for (int n = 2; Files.exists(path); n++) path = backup.resolve(dated + "-" + n + ending);
    return path;
  }

  private static UncheckedIOException failure(Path from, Path to, IOException e) {
    return new UncheckedIOException(
        "cannot keep %s of an earlier run as %s: %s. It is where it was."
            .formatted(from, to, reason(e)),
        e);
  }
}
