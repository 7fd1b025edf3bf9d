package org.panamind.host.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.panamind.dataset.AtomicFile;

/**
 * The checkpoints of one run: {@code <folder>/step-N/}, each whole or absent. One is written as
 * {@code step-N.partial}, every file forced to the disk, the manifest last, then renamed at once
 * and the parent forced; so a kill at any moment leaves the ones before.
 */
final class CheckpointStore {
  private static final String STEP = "step-";
  private static final String PARTIAL = ".partial";
  private static final String DAMAGED = ".damaged";

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

  /**
   * Saves a checkpoint and drops those beyond the number to keep.
   *
   * @param bytes about as many as it will have, for the message when the disk is full
   * @throws UncheckedIOException naming what is needed, what is free and which checkpoint stands
   */
  Path save(long step, long bytes, Writer writer) {
    Path partial = folder.resolve(STEP + step + PARTIAL);
    Path whole = folder.resolve(STEP + step);
    try {
      Files.createDirectories(folder);
      removePartial();
      write(partial, writer);
      discard(whole);
      Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE);
      force(folder);
    } catch (IOException | UncheckedIOException e) {
      throw failure(partial, bytes, e);
    }
    prune();
    return whole;
  }

  private static void write(Path partial, Writer writer) throws IOException {
    Files.createDirectory(partial);
    var manifest = Manifest.of(partial, writer.write(partial));
    Files.write(partial.resolve(Manifest.NAME), manifest.json());
    try (Stream<Path> files = Files.list(partial)) {
      for (Path file : files.toList()) force(file);
    }
    force(partial);
  }

  private UncheckedIOException failure(Path partial, long bytes, Exception thrown) {
    IOException cause =
        thrown instanceof UncheckedIOException u ? u.getCause() : (IOException) thrown;
    var text = new StringBuilder("cannot write ").append(partial).append(": ");
    try {
      delete(partial);
    } catch (IOException e) {
      text.append("what was written of it could not be removed; ");
    }
    text.append(room(bytes, folder)).append(" (").append(AtomicFile.reason(cause)).append(")");
    var newest = steps().stream().findFirst();
    newest.ifPresent(path -> text.append(". ").append(path.getFileName()).append(" is intact"));
    return new UncheckedIOException(text.append('.').toString(), cause);
  }

  /** What is needed and, where the folder is there, what is free. */
  static String room(long bytes, Path folder) {
    String needs = "needs " + size(bytes);
    if (!Files.isDirectory(folder)) return needs;
    return needs + ", " + size(folder.toFile().getUsableSpace()) + " free on " + folder;
  }

  private static String size(long bytes) {
    return bytes < 10 << 20 ? Math.ceilDiv(bytes, 1 << 10) + " KiB" : (bytes >> 20) + " MiB";
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

  /**
   * Makes the folder what it would be had nothing gone wrong before the run goes on. Newer
   * checkpoints are renamed: they are damaged, and would otherwise count among the newest to keep
   * while the run writes older ones. What a kill left half written or half removed goes, and so do
   * those beyond the number to keep, since the run may be at its end and save no more.
   */
  void tidyAfter(Path resumed) {
    try {
      for (Path newer : steps()) {
        if (stepOf(newer) <= stepOf(resumed)) break;
        Path aside = folder.resolve(newer.getFileName() + DAMAGED);
        delete(aside);
        Files.move(newer, aside, StandardCopyOption.ATOMIC_MOVE);
      }
      removePartial();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot set damaged checkpoints aside in " + folder + ": " + AtomicFile.reason(e), e);
    }
    prune();
  }

  /** Renamed ones, newest first. */
  private List<Path> steps() {
    return list(STEP + "\\d{1,18}").stream()
        .sorted(Comparator.comparingLong(CheckpointStore::stepOf).reversed())
        .toList();
  }

  private List<Path> list(String names) {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().matches(names)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + AtomicFile.reason(e), e);
    }
  }

  private static long stepOf(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(STEP.length()));
  }

  private void prune() {
    try {
      for (Path old : steps().stream().skip(keep).toList()) discard(old);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot remove old checkpoints from " + folder + ": " + AtomicFile.reason(e), e);
    }
  }

  /** What kills left. */
  private void removePartial() throws IOException {
    for (Path partial : list(STEP + ".*\\" + PARTIAL)) delete(partial);
  }

  /**
   * Renamed first: a kill in the midst of deleting must not leave half a checkpoint under a good
   * name.
   */
  private void discard(Path whole) throws IOException {
    if (!Files.exists(whole)) return;
    Path gone = folder.resolve(whole.getFileName() + ".gone" + PARTIAL);
    delete(gone);
    Files.move(whole, gone, StandardCopyOption.ATOMIC_MOVE);
    delete(gone);
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) return;
    try (Stream<Path> inside = Files.walk(path)) {
      for (Path each : inside.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
    }
  }
}
