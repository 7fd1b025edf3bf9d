package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.host.HostCall;

/** Runs that go on, or cannot, from what damage and full disks leave. */
class DamagedRunTest {
  @TempDir Path folder;
  private SmallRuns pretrain;
  private byte[] weights;

  @BeforeEach
  void runToTheEnd() throws IOException {
    pretrain = SmallPretrain.in(folder);
    assertEquals(0, pretrain.run("run", "--keep_checkpoints", "3").code());
    weights = Files.readAllBytes(pretrain.weights("run"));
  }

  private HostCall resume(String... flags) {
    var all = new ArrayList<>(List.of(flags));
    all.addAll(List.of("--from_resume", "1", "--keep_checkpoints", "3"));
    return pretrain.run("run", all.toArray(String[]::new));
  }

  private Path step(int number) {
    return pretrain.checkpoints("run").resolve("step-" + number);
  }

  @Test
  void goesOnFromTheNewestWholeCheckpointAndNamesThoseItPassesOver() throws IOException {
    Path cut = step(20).resolve("weights.safetensors");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 100));
    Files.copy(
        step(18).resolve("optimizer.safetensors"),
        step(19).resolve("optimizer.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    HostCall call = resume();
    assertEquals(0, call.code(), call.err());
    String err = call.err();
    assertTrue(err.contains("step-20 is passed over: weights.safetensors has 100 bytes, "), err);
    assertTrue(
        err.contains("step-19 is passed over: optimizer.safetensors differs from what was"), err);
    assertTrue(call.out().contains("goes on from " + step(18) + ", step 18 of 20"), call.out());
    assertArrayEquals(weights, Files.readAllBytes(pretrain.weights("run")));
    assertEquals(
        List.of("step-18", "step-19", "step-19.damaged", "step-20", "step-20.damaged"),
        pretrain.checkpointNames("run"));
  }

  @Test
  void refusesWhenNoneIsWhole() throws IOException {
    for (int i = 18; i <= 20; i++) Files.delete(step(i).resolve(Manifest.NAME));
    HostCall call = resume();
    assertEquals(65, call.code());
    assertTrue(call.err().contains("there is no whole checkpoint in "), call.err());
    assertArrayEquals(weights, Files.readAllBytes(pretrain.weights("run")));
  }

  @Test
  void refusesWeightsOfAnotherVocabulary() throws IOException {
    BpeTrainer.ofSize(262)
        .train(List.of("river stone sings").iterator())
        .writeTo(folder.resolve("tokenizer"));
    HostCall call = resume();
    assertEquals(65, call.code(), call.err());
    assertTrue(
        call.err()
            .contains(
                "error: checkpoint "
                    + step(20)
                    + " is of another model, though all options are the same: was the tokenizer"),
        call.err());
    assertTrue(call.err().contains("[265, 16], this model wants [262, 16]"), call.err());
  }

  @Test
  void refusesDataOfAnotherLength() throws IOException {
    var lines = Files.readAllLines(pretrain.data());
    Files.write(pretrain.data(), lines.subList(0, 60));
    HostCall call = resume();
    assertEquals(65, call.code(), call.err());
    assertTrue(call.err().contains("a run of 76 micro-batches, this one has 60"), call.err());
  }

  @Test
  void aFullDiskCostsNoEarlierCheckpoint() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        call("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk.toString()) == 0,
        "only root can mount a small disk");
    try {
      // A checkpoint takes about 110 KiB; the third finds no room beside two.
      String[] flags = {"--checkpoint_dir", disk.toString(), "--keep_checkpoints", "9"};
      HostCall full = pretrain.run("full", flags);
      assertEquals(74, full.code(), full.err());
      String failure =
          "cannot write "
              + disk
              + "/pretrain_16/step-%d.partial: needs \\d+ KiB, \\d+ KiB free on "
              + disk
              + "/pretrain_16 \\(.*\\)\\. step-3 is intact\\.";
      String goesOn = " Training goes on: %d of 3 failed saves in a row (--save_failures)";
      String[] lines =
          full.err().lines().filter(line -> line.contains("cannot")).toArray(String[]::new);
      assertEquals(3, lines.length, full.err());
      for (int i = 0; i < 3; i++) {
        String wanted = failure.formatted(4 + i);
        wanted =
            i < 2
                ? "warning: " + wanted + Pattern.quote(goesOn.formatted(i + 1))
                : "error: " + wanted;
        assertTrue(lines[i].matches(wanted), lines[i]);
      }
      assertEquals(0, call("mount", "-o", "remount,size=4m", disk.toString()));
      HostCall on =
          pretrain.run(
              "full",
              "--checkpoint_dir",
              disk.toString(),
              "--keep_checkpoints",
              "9",
              "--from_resume",
              "1");
      assertTrue(on.out().contains("step-3, step 3 of 20"), on.out());
      assertEquals(0, on.code(), on.err());
      assertArrayEquals(weights, Files.readAllBytes(pretrain.weights("full")));
    } finally {
      call("umount", disk.toString());
    }
  }

  @Test
  void aDiskThatIsFullForAWhileCostsASave() throws IOException {
    HostCall call =
        pretrain.run("while", "--fault", "full_disk@step=7;full_disk@step=8;full_disk@step=10");
    assertEquals(0, call.code(), call.err());
    assertTrue(
        call.err().contains("step-6 is intact. Training goes on: 1 of 3 failed"), call.err());
    assertTrue(
        call.err().contains("step-6 is intact. Training goes on: 2 of 3 failed"), call.err());
    assertTrue(
        call.err().contains("step-9 is intact. Training goes on: 1 of 3 failed"), call.err());
    assertArrayEquals(weights, Files.readAllBytes(pretrain.weights("while")));
  }

  @Test
  void theLastSaveMustSucceed() throws IOException {
    HostCall call = pretrain.run("last", "--fault", "full_disk@step=20");
    assertEquals(74, call.code(), call.err());
    assertTrue(call.err().contains("step-19 is intact.\n"), call.err());
    assertEquals(0, pretrain.run("last", "--from_resume", "1").code());
    assertArrayEquals(weights, Files.readAllBytes(pretrain.weights("last")));
  }

  @Test
  void rowsThatFindNoRoomWaitUntilThereIsSome() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("small"));
    assumeTrue(
        call("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk.toString()) == 0,
        "only root can mount a small disk");
    try {
      var warnings = new ArrayList<String>();
      Path file = disk.resolve("metrics.jsonl");
      var expected = new ArrayList<String>();
      try (var log = new MetricsLog(file, 0, false, warnings::add)) {
        for (int step = 1; step <= 1000; step++) {
          log.row(Map.of("step", step));
          expected.add("{\"step\":" + step + "}");
          if (step == 990) assertEquals(0, call("mount", "-o", "remount,size=1m", disk.toString()));
        }
      }
      assertEquals(expected, Files.readAllLines(file));
      assertEquals(1, warnings.size(), warnings.toString());
      assertTrue(warnings.get(0).startsWith("cannot write " + file + ": "), warnings.get(0));
    } finally {
      call("umount", disk.toString());
    }
  }

  private static int call(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
