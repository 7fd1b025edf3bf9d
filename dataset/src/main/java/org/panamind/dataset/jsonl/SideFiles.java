package org.panamind.dataset.jsonl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.panamind.dataset.AtomicFile;

/**
 * Files derived from the user's file. They are kept beside it for the next run; where that folder
 * cannot be written, in the folder for temporary files until closed.
 */
final class SideFiles implements AutoCloseable {
  private final Path source;
  private final List<Path> temporary = new ArrayList<>();

  SideFiles(Path source) {
    this.source = source;
  }

  Path beside(String suffix) {
    return source.resolveSibling(source.getFileName() + suffix);
  }

  /**
   * Makes a derived file with {@code write}, beside the source or else in the temporary folder.
   *
   * @return where it is
   * @throws UncheckedIOException if it can be written in neither place
   */
  Path make(String suffix, Consumer<Path> write) {
    Path kept = beside(suffix);
    try {
      write.accept(kept);
      return kept;
    } catch (UncheckedIOException e) {
      Path passing = temporaryFile(suffix, e);
      write.accept(passing);
      return passing;
    }
  }

  private Path temporaryFile(String suffix, UncheckedIOException first) {
    try {
      Path file = Files.createTempFile("panamind", suffix);
      temporary.add(file);
      return file;
    } catch (IOException e) {
      first.addSuppressed(e);
      throw new UncheckedIOException(
          "%s; nor can a temporary file be made: %s"
              .formatted(first.getMessage(), AtomicFile.reason(e)),
          first.getCause());
    }
  }

  /** Deletes the temporary ones; one that cannot be deleted is left to the system. */
  @Override
  public void close() {
    for (Path file : temporary) {
      file.toFile().delete();
    }
  }
}
