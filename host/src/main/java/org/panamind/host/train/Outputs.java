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
 * there is moved to a dated backup before it would be overwritten.
 */
final class Outputs {
  private final Path saveFolder;
  private final String name;
  private final Path checkpoints;
  private final Console console;
  private boolean claimed;

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
  void claimed() {
    claimed = true;
  }

  /** Fails now rather than after hours of training when nothing can be written. */
  void requireWritable() {
    try {
      Files.createDirectories(saveFolder);
      Files.delete(Files.createTempFile(saveFolder, ".writable", null));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write to --save_dir "
              + saveFolder
              + ": "
              + reason(e)
              + ". Name a folder that can be written.",
          e);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null
        ? e.getClass().getSimpleName()
        : e.getClass().getSimpleName() + " " + e.getMessage();
  }

  /** Moves an earlier run's files aside, once, before this run's first. */
  void claim() {
    if (claimed) return;
    claimed = true;
    var now = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    moveAside(weights(), saveFolder.resolve("backup").resolve(name + "-" + now + ".safetensors"));
    moveAside(metrics().getParent(), saveFolder.resolve("backup").resolve(name + "-" + now));
    moveAside(checkpoints, checkpoints.resolveSibling("backup").resolve(name + "-" + now));
  }

  private void moveAside(Path from, Path to) {
    if (!Files.exists(from)) return;
    try {
      Files.createDirectories(to.getParent());
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      console.warn("moved " + from + " of an earlier run to " + to);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot move "
              + from
              + " of an earlier run to "
              + to
              + ": "
              + reason(e)
              + ". It is where it was.",
          e);
    }
  }
}
