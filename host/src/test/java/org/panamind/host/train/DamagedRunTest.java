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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.host.HostCall;

/** Runs that go on, or cannot, from what damage and full disks leave. */
class DamagedRunTest {
  @TempDir Path folder;
  private SmallPretrain pretrain;
  private byte[] weights;

  @BeforeEach
  void runToTheEnd() throws IOException {
    pretrain = new SmallPretrain(folder);
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
      HostCall full =
          pretrain.run("full", "--checkpoint_dir", disk.toString(), "--keep_checkpoints", "9");
      assertEquals(74, full.code(), full.err());
      String pattern =
          "(?s).*error: cannot write "
              + disk
              + "/pretrain_16/step-(\\d+).partial: needs 1 MiB, 0"
              + " MiB free on "
              + disk
              + "/pretrain_16 \\(.*\\)\\. step-\\d+ is intact\\.\n";
      assertTrue(full.err().matches(pattern), full.err());
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
      assertEquals(0, on.code(), on.err());
      assertArrayEquals(weights, Files.readAllBytes(pretrain.weights("full")));
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
