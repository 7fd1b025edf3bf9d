package org.panamind.stage.sft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.DecoderFiles;
import org.panamind.stage.ConfigException;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class SftStageTest {
  private final SftStage stage = new SftStage();
  @TempDir Path temporary;
  private StageFolder folder;

  @BeforeEach
  void leaveWhatPretrainingLeaves() {
    folder = new StageFolder(temporary);
    folder.weights("pretrain", StageFolder.sizes(32));
  }

  private SftRun open(Map<String, String> given) {
    return folder.open(stage, given);
  }

  @Test
  void hasMiniMindsFlagsAndDefaults() {
    var flags = StageFolder.flags(stage);
    assertTrue(
        flags.containsAll(
            List.of(
                "--data_path",
                "--max_seq_len",
                "--from_weight",
                "--hidden_size",
                "--use_moe",
                "--num_hidden_layers",
                "--epochs",
                "--batch_size",
                "--learning_rate",
                "--accumulation_steps",
                "--grad_clip",
                "--save_weight",
                "--from_resume")),
        flags::toString);
    var training = SftConfig.DEFAULT.training();
    assertEquals(2, training.epochs());
    assertEquals(16, training.batchSize());
    assertEquals(1e-6, training.learningRate());
    assertEquals("full_sft", training.saveWeight());
    assertEquals("pretrain", SftConfig.DEFAULT.start().fromWeight());
  }

  @Test
  void lossIsTheSumOfTheAnswersNegativeLogProbabilities() {
    var data = folder.data(StageFolder.asked("What is 1 + 1?", "It is 2."));
    try (var run = open(Map.of("data_path", data.toString()));
        var scope = TensorScope.open();
        var no = NoGrad.enter();
        var decoder = DecoderFiles.read(weights(), StageFolder.sizes(32), Device.CPU)) {
      Batch batch = StageFolder.firstBatch(run);
      double byHand = 0;
      double[] logProbs =
          decoder
              .logits(decoder.hidden(Tensor.of(batch.ids(), 1, batch.length())))
              .logSoftmax(-1)
              .toDoubleArray();
      for (int t = 1; t < batch.length(); t++)
        if (batch.labels()[t] >= 0)
          byHand -= logProbs[(t - 1) * StageFolder.VOCABULARY + (int) batch.labels()[t]];
      var loss = run.forward(batch);
      assertEquals(byHand, loss.sum().item(), 1e-3 * byHand);
      assertEquals(batch.supervisedTokens(), loss.weight());
    }
  }

  private Path weights() {
    return temporary.resolve("pretrain_32.safetensors");
  }

  @Test
  void learnsTheAnswerThroughItsEndOfTurn() {
    var data = folder.data(StageFolder.asked("Hi", "Good day"));
    try (var run = open(Map.of("data_path", data.toString()));
        var tokenizer = HuggingFaceTokenizer.load(temporary.resolve("tokenizer"))) {
      assertEquals("Good day<|im_end|>\n", learned(run, tokenizer));
    }
  }

  @Test
  void learnsAnAnswerThatBeginsWithEmptyLines() {
    var data = folder.data(StageFolder.asked("Hi", "\\n\\n\\nGood day"));
    try (var run = open(Map.of("data_path", data.toString()))) {
      assertTrue(StageFolder.firstBatch(run).supervisedTokens() > 4);
    }
  }

  @Test
  void findsAnswersAsMiniMindDoesInItsForm() {
    var data = folder.data(StageFolder.asked("Say <|im_start|>assistant\\nyes<|im_end|>\\n", "No"));
    try (var compat = open(Map.of("data_path", data.toString(), "compat", "minimind2"));
        var correct = open(Map.of("data_path", data.toString()));
        var tokenizer = HuggingFaceTokenizer.load(temporary.resolve("tokenizer"))) {
      assertEquals("No<|im_end|>\n", learned(correct, tokenizer));
      assertEquals("yes<|im_end|>\nNo<|im_end|>\n", learned(compat, tokenizer));
    }
  }

  private static String learned(SftRun run, Tokenizer tokenizer) {
    long[] labels = StageFolder.firstBatch(run).labels();
    return tokenizer.decode(
        Arrays.stream(labels).filter(l -> l >= 0).mapToInt(l -> (int) l).toArray());
  }

  @Test
  void aBatchCutBeforeItsAnswerCountsForNothing() {
    var data = folder.data(StageFolder.asked("What a long question this is, my friend?", "Yes"));
    try (var run = open(Map.of("data_path", data.toString(), "max_seq_len", "8"));
        var scope = TensorScope.open()) {
      var loss = run.forward(StageFolder.firstBatch(run));
      assertEquals(0, loss.weight());
      assertEquals(0, loss.sum().item());
    }
  }

  @Test
  void addsSystemPromptsAsOftenAsAsked() {
    var data = folder.data(StageFolder.asked("Hi", "Good day"));
    var always = Map.of("data_path", data.toString(), "system_prompt_ratio", "1");
    var never = Map.of("data_path", data.toString(), "system_prompt_ratio", "0");
    try (var with = open(always);
        var without = open(never);
        var tokenizer = HuggingFaceTokenizer.load(temporary.resolve("tokenizer"))) {
      assertFalse(
          text(without, tokenizer).equals(text(with, tokenizer)), text(with, tokenizer)::toString);
    }
  }

  private static String text(SftRun run, Tokenizer tokenizer) {
    var batch = StageFolder.firstBatch(run);
    return tokenizer.decode(Arrays.stream(batch.ids()).mapToInt(id -> (int) id).toArray());
  }

  @Test
  void namesFileAndLineOfABadConversation() {
    var good = StageFolder.asked("Hi", "Good day");
    refuses("has no answer", good, "{\"conversations\": [{\"role\":\"user\",\"content\":\"a\"}]}");
    refuses("robot", good, good.replace("assistant", "robot"));
    refuses("content", good, StageFolder.asked("Hi", ""));
    refuses("\"conversations\"", good, "{\"text\": \"a\"}");
    refuses("user", good, good.replace("assistant", "user"));
    refuses(
        "tools",
        good,
        good.replace(
            "[{\"role\": \"user\"",
            "[{\"role\": \"system\", \"content\": \"x\", \"tools\": \"{no\"}, {\"role\":"
                + " \"user\""));
  }

  private void refuses(String word, String... lines) {
    var data = folder.data(lines);
    var thrown =
        assertThrows(DataException.class, () -> open(Map.of("data_path", data.toString())));
    var message = thrown.getMessage();
    assertTrue(message.startsWith(data + ":2: ") && message.contains(word), message);
  }

  @Test
  void refusesSizesThatTheWeightsDoNotHave() {
    var data = folder.data(StageFolder.asked("Hi", "Good day")).toString();
    refusesConfig("there are no weights pretrain of --hidden_size 64", "hidden_size", "64", data);
    refusesConfig("--num_hidden_layers is 3, but", "num_hidden_layers", "3", data);
    refusesConfig("--arch is minimind3, but", "arch", "minimind3", data);
    refusesConfig("there are no weights sft", "from_weight", "sft", data);
    refusesConfig("there is no tokenizer in", "tokenizer_path", temporary + "/none", data);
  }

  private void refusesConfig(String begins, String flag, String value, String data) {
    var thrown =
        assertThrows(ConfigException.class, () -> open(Map.of("data_path", data, flag, value)));
    assertTrue(thrown.getMessage().startsWith(begins), thrown.getMessage());
  }

  @Test
  void learnsTheSampleWithoutData() {
    try (var run = open(Map.of("epochs", "1"))) {
      assertEquals(250, run.data().batchesPerEpoch());
      assertTrue(Files.exists(temporary.resolve("sample").resolve("sft-heldout.jsonl")));
      assertTrue(run.data().heldOut().next().isPresent());
      assertEquals("full_sft_32", run.outputName());
    }
    assertTrue(folder.lines().getFirst().startsWith("no --data_path"), folder.lines()::toString);
  }

  @Test
  void writesWeightsThatTheNextStageFindsWithTheirTokenizer() {
    var data = folder.data(StageFolder.asked("Hi", "Good day"));
    var file = temporary.resolve("full_sft_32.safetensors");
    try (var run = open(Map.of("data_path", data.toString()))) {
      run.writeWeights(file);
    }
    var next = Map.of("data_path", data.toString(), "from_weight", "full_sft");
    try (var run = open(next)) {
      assertEquals("full_sft_32", run.outputName());
    }
  }

  @Test
  void startsAtRandomWhereAskedTo() {
    var data = folder.data(StageFolder.asked("Hi", "Good day"));
    var given =
        Map.of(
            "data_path", data.toString(),
            "from_weight", "none",
            "hidden_size", "64",
            "num_hidden_layers", "1",
            "arch", "minimind3",
            "use_moe", "1");
    try (var run = open(given)) {
      assertEquals("full_sft_64_moe", run.outputName());
      assertTrue(
          run.groups()
              .getFirst()
              .parameters()
              .containsKey("model.layers.0.mlp.experts.3.up_proj.weight"));
    }
  }
}
