package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.host.HostCall;

/** Each mistake is one clear line and its exit code, and costs no file of an earlier run. */
class BadInputTest {
  private static final String RUN = "run";

  @TempDir static Path folder;
  private static SmallRuns pretrain;
  private static byte[] weights;
  private static List<String> rows;

  @BeforeAll
  static void runWell() throws IOException {
    pretrain = SmallPretrain.in(folder);
    HostCall call = pretrain.run(RUN, "--max_steps", "3");
    assertEquals(0, call.code(), call.err());
    weights = Files.readAllBytes(pretrain.weights(RUN));
    rows = pretrain.rows(RUN);
  }

  @AfterEach
  void theEarlierRunIsAsItWas() throws IOException {
    assertTrue(Arrays.equals(weights, Files.readAllBytes(pretrain.weights(RUN))));
    assertEquals(rows, pretrain.rows(RUN));
    assertEquals(List.of("step-2", "step-3"), pretrain.checkpointNames(RUN));
  }

  private static void refuses(int code, String message, String... flags) {
    HostCall call = pretrain.run(RUN, flags);
    assertEquals(code, call.code(), call.err());
    List<String> errors = call.err().lines().filter(line -> line.startsWith("error: ")).toList();
    assertEquals(1, errors.size(), call.err());
    assertTrue(errors.get(0).startsWith("error: " + message), errors.get(0));
    assertEquals(errors.get(0), call.err().lines().reduce((a, b) -> b).orElseThrow());
  }

  private static Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void aFileThatIsNotThere() {
    Path none = folder.resolve("none.jsonl");
    refuses(74, none + ": cannot be read: no such file or folder", "--data_path", none.toString());
  }

  @Test
  void anEmptyFile() throws IOException {
    Path empty = file("empty.jsonl", "");
    refuses(65, empty + ": ", "--data_path", empty.toString());
  }

  @Test
  void linesThatAreNoRecordsByFileAndNumber() throws IOException {
    String good = "{\"text\": \"a bird sings\"}\n";
    Path json = file("json.jsonl", good + good + "no json\n" + good);
    refuses(65, json + ":3: ", "--data_path", json.toString());
    Path lacks = file("lacks.jsonl", good + "{\"txt\": \"a\"}\n");
    refuses(65, lacks + ":2: \"text\" is missing", "--data_path", lacks.toString());
    Path kind = file("kind.jsonl", "{\"text\": 3}\n" + good);
    refuses(65, kind + ":1: \"text\" is a number, not a string", "--data_path", kind.toString());
    Path cut = file("cut.jsonl", good + "{\"text\": \"a bi");
    refuses(65, cut + ":2: ", "--data_path", cut.toString());
    Path latin = folder.resolve("latin.jsonl");
    Files.write(latin, (good + "{\"text\": \"\u00e4\"}\n").getBytes(StandardCharsets.ISO_8859_1));
    refuses(65, latin + ":2: ", "--data_path", latin.toString());
  }

  @Test
  void moreBadLinesThanMayBeSkipped() throws IOException {
    var lines = new ArrayList<>(Files.readAllLines(pretrain.data()));
    lines.set(4, "no json");
    lines.set(9, "{}");
    Path bad = Files.write(folder.resolve("two.jsonl"), lines);
    String[] skip = {"--data_path", bad.toString(), "--bad_lines", "skip", "--max_bad", "0.01"};
    refuses(65, bad + ": ", skip);
    skip[5] = "0.05";
    HostCall call = pretrain.run("skipping", skip);
    assertEquals(0, call.code(), call.err());
    String warning = "warning: 2 of 76 lines skipped; the first: " + bad + ":5: ";
    assertTrue(call.err().contains(warning), call.err());
  }

  @Test
  void aVocabularyTooSmallOrLargerThanTheTextHolds() throws IOException {
    Path out = folder.resolve("tokenizer-out");
    for (String[] sized : new String[][] {{"258", "64"}, {"100000", "65"}}) {
      var words = pretrain.command(RUN);
      HostCall call =
          HostCall.of(
              words.get(0),
              words.get(1),
              "--stage",
              "tokenizer",
              "--data_path",
              pretrain.data().toString(),
              "--tokenizer_path",
              out.toString(),
              "--vocab_size",
              sized[0]);
      assertEquals(sized[1], String.valueOf(call.code()), call.err());
      assertTrue(call.err().contains(sized[0]), call.err());
      assertTrue(Files.notExists(out.resolve("tokenizer.json")));
    }
  }

  @Test
  void flagsThatAreNotThereOrDoNotFitTogether() {
    refuses(64, "unknown flag --hiden_size; did you mean --hidden_size?", "--hiden_size", "3");
    refuses(
        64,
        "--hidden_size 18 is not a multiple of --num_attention_heads 4",
        "--hidden_size",
        "18",
        "--num_attention_heads",
        "4");
    refuses(64, "--batch_size is 0, must be at least 1", "--batch_size", "0");
    refuses(64, "--device is tpu, must be cpu, cuda or cuda:N", "--device", "tpu");
  }

  @Test
  void weightsOfAnotherShapeOrWithMissingKeys() {
    String file = pretrain.weights(RUN).toString();
    refuses(
        65,
        file + ": the weights are not this model's: ",
        "--from_weight",
        file,
        "--hidden_size",
        "32");
    refuses(65, file + ": the weights", "--from_weight", file, "--num_hidden_layers", "2");
    refuses(64, "there are no weights sft", "--from_weight", "sft");
    refuses(64, "there is no weight file none.safetensors", "--from_weight", "none.safetensors");
  }

  @Test
  void damagedWeights() throws IOException {
    byte[] damaged = Arrays.copyOf(weights, weights.length - 1);
    Path cut = Files.write(folder.resolve("cut.safetensors"), damaged);
    refuses(65, cut + ": ", "--from_weight", cut.toString());
    byte[] long60 = weights.clone();
    long60[7] = 0x10;
    Path header = Files.write(folder.resolve("header.safetensors"), long60);
    refuses(65, header + ": byte 0: ", "--from_weight", header.toString());
  }

  @Test
  void foldersThatCannotBeWritten() throws IOException {
    Path inTheWay = file("in-the-way", "");
    refuses(
        74, "cannot write to --save_dir " + inTheWay + "/out: ", "--save_dir", inTheWay + "/out");
    refuses(
        74,
        "cannot write to --checkpoint_dir " + inTheWay + "/c: ",
        "--checkpoint_dir",
        inTheWay + "/c");
  }

  @Test
  void aTokenizerThatIsMissingOrDamaged() throws IOException {
    Path none = folder.resolve("no-tokenizer");
    refuses(64, "there is no tokenizer in " + none, "--tokenizer_path", none.toString());
    Files.createDirectories(folder.resolve("bad-tokenizer"));
    file("bad-tokenizer/tokenizer.json", "{\"model\": ");
    refuses(65, folder + "/bad-tokenizer", "--tokenizer_path", folder + "/bad-tokenizer");
  }

  @Test
  void aRunThatFailsInItsFirstStepsLeavesTheEarlierWeights() throws IOException {
    // The learning rate of a mad user: NaN within a few updates, before the first save.
    HostCall call =
        pretrain.run(
            "mad", "--learning_rate", "1e38", "--grad_clip", "0", "--save_interval", "1000");
    assertEquals(77, call.code(), call.err());
    assertTrue(call.err().contains("was not finite in 3 updates in a row"), call.err());
    assertTrue(Files.notExists(pretrain.weights("mad")));
  }

  @Test
  void resumingWhatIsNotThereOrIsAnotherRun() {
    refuses(
        64,
        "checkpoint " + pretrain.checkpoints(RUN) + "/step-3 belongs to another run: ",
        "--from_resume",
        "1",
        "--max_steps",
        "3",
        "--learning_rate",
        "1e-3");
    HostCall other = pretrain.run(RUN, "--from_resume", "1", "--hidden_size", "32");
    assertEquals(65, other.code());
    String folderOf = pretrain.checkpoints(RUN).resolveSibling("pretrain_32").toString();
    assertTrue(
        other.err().contains("error: there is no whole checkpoint in " + folderOf), other.err());
    assertTrue(other.err().contains("(in the folder above: pretrain_16)"), other.err());
  }
}
