package org.panamind.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void keepsTheOldFileWhenWritingTheNewOneFails() throws IOException {
    Path file = folder.resolve("a.json");
    AtomicFile.write(file, out -> out.write(1));
    UncheckedIOException error =
        assertThrows(
            UncheckedIOException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals("cannot write " + file + ": No space left on device", error.getMessage());
    assertEquals(1, Files.size(file));
    assertEquals(List.of("a.json"), names());
  }

  @Test
  void makesFoldersAndObeysTheUmask() throws IOException {
    Path file = folder.resolve("x").resolve("y").resolve("a.json");
    AtomicFile.write(file, out -> out.write(1));
    Path ordinary = Files.createFile(folder.resolve("ordinary"));
    assertEquals(Files.getPosixFilePermissions(ordinary), Files.getPosixFilePermissions(file));
  }

  @Test
  void saysThatAFileIsInTheWayOfAFolder() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    UncheckedIOException error =
        assertThrows(
            UncheckedIOException.class,
            () -> AtomicFile.write(file.resolve("a"), out -> out.write(1)));
    assertTrue(
        error.getMessage().endsWith("a file of that name is in the way"), error.getMessage());
  }

  @Test
  void repairsLoneSurrogatesAndNothingElse() {
    String good = "a天😀";
    assertTrue(WellFormedText.of(good) == good);
    assertEquals("\uFFFDa\uFFFD😀\uFFFD", WellFormedText.of("\uDE00a\uD83D😀\uD83D"));
  }
}
