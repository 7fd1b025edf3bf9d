package org.panamind.host.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The checkpoints of one run: {@code <folder>/step-N/}, each whole or absent. One is written as
 * {@code step-N.partial}, every file forced to the disk, the manifest last, then renamed at once
 * and the parent forced; so a kill at any moment leaves the ones before.
 */
final class CheckpointStore {
  private static final String STEP = "step-";
  private static final String PARTIAL = ".partial";

  private final Path folder;
  private final int keep;

  CheckpointStore(Path folder, int keep) {
    this.folder = folder;
    this.keep = keep;
  }

  Path folder() {
    return folder;
  }

  /** Writes a checkpoint's files into the folder given. */
  interface Writer {
    /** Returns the names of the files written. */
    List<String> write(Path into) throws IOException;
  }

  /** Saves a checkpoint and drops those beyond the number to keep. */
  Path save(long step, Writer writer) {
    Path partial = folder.resolve(STEP + step + PARTIAL);
    Path whole = folder.resolve(STEP + step);
    try {
      Files.createDirectories(folder);
      delete(partial);
      Files.createDirectory(partial);
      var manifest = Manifest.of(partial, writer.write(partial));
      Files.write(partial.resolve(Manifest.NAME), manifest.json());
      try (Stream<Path> files = Files.list(partial)) {
        for (Path file : files.toList()) force(file);
      }
      force(partial);
      delete(whole);
      Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE);
      force(folder);
      prune();
      return whole;
    } catch (IOException | UncheckedIOException e) {
      throw new UncheckedIOException(
          failure(partial, e),
          e instanceof IOException io ? io : ((UncheckedIOException) e).getCause());
    }
  }

  private String failure(Path partial, Exception cause) {
    var text =
        new StringBuilder("cannot write ").append(partial).append(": ").append(cause.getMessage());
    try {
      delete(partial);
      text.append("; ")
          .append(Files.getFileStore(folder).getUsableSpace() >> 20)
          .append(" MiB are free there");
    } catch (IOException e) {
      text.append("; what was written of it could not be removed");
    }
    var newest = steps().stream().findFirst();
    newest.ifPresent(path -> text.append(". ").append(path.getFileName()).append(" is intact"));
    return text.append('.').toString();
  }

  /** A folder can be forced only where the system can open it; on Linux it can. */
  private static void force(Path path) throws IOException {
    var how = Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (var channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }

  /**
   * The newest checkpoint that is whole.
   *
   * @param passedOver hears of each newer one that is not, and why
   */
  Optional<Path> newest(Consumer<String> passedOver) {
    for (Path candidate : steps()) {
      String fault = fault(candidate);
      if (fault == null) return Optional.of(candidate);
      passedOver.accept("checkpoint " + candidate + " is passed over: " + fault);
    }
    return Optional.empty();
  }

  private static String fault(Path checkpoint) {
    try {
      if (!Files.exists(checkpoint.resolve(Manifest.NAME))) return Manifest.NAME + " is missing";
      return Manifest.read(checkpoint).fault(checkpoint);
    } catch (IOException e) {
      return Manifest.NAME + " cannot be read: " + e.getMessage().lines().findFirst().orElse("");
    }
  }

  /** Renamed ones, newest first. */
  private List<Path> steps() {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().matches(STEP + "\\d+"))
          .sorted(Comparator.comparingLong(CheckpointStore::stepOf).reversed())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
    }
  }

  private static long stepOf(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(STEP.length()));
  }

  private void prune() throws IOException {
    var all = new ArrayList<>(steps());
    for (Path old : all.subList(Math.min(keep, all.size()), all.size())) {
      // Renamed first: a kill in the midst of deleting must not leave half a checkpoint under a
      // good name.
      Path gone = folder.resolve(old.getFileName() + PARTIAL);
      delete(gone);
      Files.move(old, gone, StandardCopyOption.ATOMIC_MOVE);
      delete(gone);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) return;
    try (Stream<Path> inside = Files.walk(path)) {
      for (Path each : inside.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
    }
  }
}
