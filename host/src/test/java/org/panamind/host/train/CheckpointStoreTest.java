package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store alone, over small files of any content. */
class CheckpointStoreTest {
  private static final List<String> FILES = List.of("a.bin", "b.bin");

  @TempDir Path folder;
  private CheckpointStore store;
  private final List<String> passedOver = new ArrayList<>();

  @BeforeEach
  void makeThree() {
    store = new CheckpointStore(folder.resolve("run"), 3);
    for (int step = 1; step <= 3; step++) save(step);
  }

  private Path save(long step) {
    return store.save(
        step,
        2000,
        into -> {
          var random = new Random(step);
          for (String name : FILES) {
            var bytes = new byte[1000];
            random.nextBytes(bytes);
            Files.write(into.resolve(name), bytes);
          }
          return FILES;
        });
  }

  private Path step(int number) {
    return folder.resolve("run").resolve("step-" + number);
  }

  private List<String> names() throws IOException {
    try (var all = Files.list(folder.resolve("run"))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private void assertFallsBack(String reason) {
    passedOver.clear();
    assertEquals(step(2), store.newest(passedOver::add).orElseThrow());
    assertEquals(1, passedOver.size());
    String said = passedOver.get(0);
    assertTrue(said.startsWith("checkpoint " + step(3) + " is passed over: " + reason), said);
  }

  @Test
  void keepsTheNewest() throws IOException {
    assertEquals(List.of("step-1", "step-2", "step-3"), names());
    save(10);
    assertEquals(List.of("step-10", "step-2", "step-3"), names());
    assertEquals(step(10), store.newest(passedOver::add).orElseThrow());
    assertEquals(List.of(), passedOver);
  }

  @Test
  void takesTheOneBeforeWhenAFileIsCutShortAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(step(3).resolve("b.bin"));
    for (int length : new int[] {0, 1, 7, 8, 500, 998, 999}) {
      Files.write(step(3).resolve("b.bin"), Arrays.copyOf(whole, length));
      assertFallsBack("b.bin has " + length + " bytes, 1000 were written");
    }
    Files.write(step(3).resolve("b.bin"), Arrays.copyOf(whole, 1001));
    assertFallsBack("b.bin has 1001 bytes, 1000 were written");
    Files.write(step(3).resolve("b.bin"), whole);
    assertEquals(step(3), store.newest(passedOver::add).orElseThrow());
  }

  @Test
  void takesTheOneBeforeWhenABitIsFlippedAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(step(3).resolve("a.bin"));
    for (int bit = 0; bit < 8 * whole.length; bit += 37) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(step(3).resolve("a.bin"), flipped);
      assertFallsBack("a.bin differs from what was written (CRC32C)");
    }
  }

  @Test
  void takesTheOneBeforeWhenTheManifestIsDamagedAnywhere() throws IOException {
    Path manifest = step(3).resolve(Manifest.NAME);
    byte[] whole = Files.readAllBytes(manifest);
    for (int length = 0; length < whole.length; length++) {
      Files.write(manifest, Arrays.copyOf(whole, length));
      assertFallsBack("manifest.json cannot be read: ");
    }
    for (String content : List.of("null", "{}", "[]", "{\"files\": {\"a.bin\": null}}", "\0\0")) {
      Files.writeString(manifest, content);
      assertFallsBack("manifest.json cannot be read: ");
    }
    Files.writeString(manifest, "{\"files\": {}}");
    assertFallsBack("");
    assertTrue(passedOver.get(0).endsWith(" is not in manifest.json"), passedOver.get(0));
    Files.delete(manifest);
    assertFallsBack("manifest.json is missing");
  }

  @Test
  void takesTheOneBeforeWhenFilesAreSwappedOrMissing() throws IOException {
    Path file = step(3).resolve("a.bin");
    Files.write(file, Files.readAllBytes(step(2).resolve("a.bin")));
    assertFallsBack("a.bin differs from what was written (CRC32C)");
    Files.delete(file);
    assertFallsBack("a.bin is missing");
    Files.createDirectory(file);
    assertFallsBack("a.bin is missing");
  }

  @Test
  void takesNothingWhenAllAreDamaged() throws IOException {
    for (int i = 1; i <= 3; i++) Files.delete(step(i).resolve(Manifest.NAME));
    assertTrue(store.newest(passedOver::add).isEmpty());
    assertEquals(3, passedOver.size());
  }

  @Test
  void neverTakesWhatAKillLeftAndRemovesItAtTheNextSave() throws IOException {
    Files.createDirectory(folder.resolve("run").resolve("step-4.partial"));
    Files.createDirectory(folder.resolve("run").resolve("step-1.gone.partial"));
    Files.writeString(folder.resolve("run").resolve("step-4.partial").resolve("a.bin"), "half");
    assertEquals(step(3), store.newest(passedOver::add).orElseThrow());
    save(5);
    assertEquals(List.of("step-2", "step-3", "step-5"), names());
  }

  @Test
  void aRunThatGoesOnAndSavesNoMoreLeavesNothingOfTheKill() throws IOException {
    Files.createDirectory(folder.resolve("run").resolve("step-4.partial"));
    Files.createDirectory(folder.resolve("run").resolve("step-0.gone.partial"));
    Path old = Files.createDirectory(folder.resolve("run").resolve("step-0")); // not yet dropped
    Files.writeString(old.resolve("a.bin"), "old");
    store.tidyAfter(step(3));
    assertEquals(List.of("step-1", "step-2", "step-3"), names());
  }

  @Test
  void aDamagedNewerOneDoesNotPushOutTheGoodOnes() throws IOException {
    save(90);
    Files.delete(step(90).resolve("a.bin"));
    assertEquals(step(3), store.newest(passedOver::add).orElseThrow());
    store.tidyAfter(step(3));
    save(4);
    save(5);
    assertEquals(List.of("step-3", "step-4", "step-5", "step-90.damaged"), names());
  }

  @Test
  void savesAStepAgainInPlaceOfADamagedOne() throws IOException {
    Files.delete(step(3).resolve("a.bin"));
    save(3);
    assertEquals(step(3), store.newest(passedOver::add).orElseThrow());
    assertEquals(List.of("step-1", "step-2", "step-3"), names());
  }

  @Test
  void aWriteThatFailsLeavesTheOthersAndSaysWhatIsNeeded() throws IOException {
    var failure =
        assertThrows(
            UncheckedIOException.class,
            () ->
                store.save(
                    4,
                    312 << 20,
                    into -> {
                      Files.write(into.resolve("a.bin"), new byte[10]);
                      throw new IOException("No space left on device");
                    }));
    String pattern =
        "cannot write .*step-4.partial: needs 312 MiB, \\d+ MiB free on .*run"
            + " \\(No space left on device\\)\\. step-3 is intact\\.";
    assertTrue(failure.getMessage().matches(pattern), failure.getMessage());
    assertEquals(List.of("step-1", "step-2", "step-3"), names());
    assertEquals(step(3), store.newest(passedOver::add).orElseThrow());
  }

  @Test
  void saysSoWhenTheFolderCannotBeMade() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    store = new CheckpointStore(file.resolve("run"), 3);
    var failure = assertThrows(UncheckedIOException.class, () -> save(1));
    assertTrue(
        failure
            .getMessage()
            .startsWith("cannot write " + file + "/run/step-1.partial: needs 2 KiB ("),
        failure.getMessage());
  }
}
