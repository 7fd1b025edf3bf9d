package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.stage.Console;
import org.panamind.stage.Progress;

class OutputsTest {
  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();
  private Path weights;

  private Outputs outputs() {
    return new Outputs(
        folder.resolve("out"),
        "w_16",
        folder.resolve("checkpoints/w_16"),
        new Console() {
          @Override
          public void info(String line) {}

          @Override
          public void warn(String line) {
            warnings.add(line);
          }

          @Override
          public Progress progress(String task, long total, String unit) {
            throw new AssertionError("no progress is shown here");
          }
        });
  }

  @BeforeEach
  void anEarlierRunLeftFiles() throws IOException {
    weights = outputs().weights();
    Files.createDirectories(outputs().metrics().getParent());
    Files.writeString(weights, "earlier");
    Files.writeString(outputs().metrics(), "rows");
    Files.createDirectories(folder.resolve("checkpoints/w_16/step-7"));
  }

  @Test
  void touchesNothingBeforeThereIsSomethingToWrite() throws IOException {
    outputs().requireWritable();
    assertEquals("earlier", Files.readString(weights));
    assertEquals(List.of("w_16", "w_16.safetensors"), names("out"));
    assertEquals(List.of("w_16"), names("checkpoints"));
  }

  @Test
  void keepsEarlierWeightsInPlaceUntilTheyAreReplaced() throws IOException {
    outputs().claimWeights();
    assertEquals("earlier", Files.readString(weights));
    Path next = Files.writeString(folder.resolve("next"), "new");
    Files.move(next, weights, StandardCopyOption.REPLACE_EXISTING);
    String backup = names("out/backup").get(0);
    assertTrue(backup.matches("w_16-\\d{8}-\\d{6}\\.safetensors"), backup);
    assertEquals("earlier", Files.readString(folder.resolve("out/backup").resolve(backup)));
    assertTrue(
        warnings.get(0).startsWith("weights of an earlier run are kept as "), warnings::toString);
  }

  @Test
  void neverReplacesAnEarlierBackup() throws IOException {
    for (int run = 0; run < 3; run++) {
      Files.writeString(weights, "run " + run);
      outputs().claimWeights();
      Files.delete(weights);
    }
    assertEquals(3, names("out/backup").size());
  }

  @Test
  void movesLogAndCheckpointsAsideOnce() throws IOException {
    var outputs = outputs();
    for (int i = 0; i < 2; i++) {
      outputs.claimMetrics();
      outputs.claimCheckpoints();
      outputs.keepCheckpoints();
      Files.createDirectories(folder.resolve("checkpoints/w_16/step-1"));
    }
    assertFalse(Files.exists(outputs.metrics()));
    assertEquals(1, names("out/backup").size());
    assertEquals(List.of("step-1"), names("checkpoints/w_16"));
    assertEquals(
        List.of("step-7"), names("checkpoints/backup/" + names("checkpoints/backup").get(0)));
  }

  @Test
  void givesCheckpointsBackWhenTheFirstOfARunCannotBeWritten() throws IOException {
    var outputs = outputs();
    outputs.claimCheckpoints();
    Files.createDirectories(folder.resolve("checkpoints/w_16"));
    outputs.giveCheckpointsBack();
    assertEquals(List.of("step-7"), names("checkpoints/w_16"));
    assertEquals(List.of(), names("checkpoints/backup"));
  }

  @Test
  void aResumedRunKeepsItsOwnFiles() throws IOException {
    var outputs = outputs();
    outputs.areOwn();
    outputs.claimWeights();
    outputs.claimMetrics();
    outputs.claimCheckpoints();
    assertEquals(List.of("w_16", "w_16.safetensors"), names("out"));
    assertEquals("rows", Files.readString(outputs.metrics()));
  }

  private List<String> names(String in) throws IOException {
    try (var all = Files.list(folder.resolve(in))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
