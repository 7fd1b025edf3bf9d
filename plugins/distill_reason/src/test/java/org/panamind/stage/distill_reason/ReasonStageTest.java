package org.panamind.stage.distill_reason;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.rows.WeightedBatch;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.DecoderFiles;
import org.panamind.stage.ConfigException;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class ReasonStageTest {
  private final ReasonStage stage = new ReasonStage();
  @TempDir Path temporary;
  private StageFolder folder;
  private String data;

  @BeforeEach
  void leaveWhatPreferenceTrainingLeaves() {
    folder = new StageFolder(temporary);
    folder.weights("dpo", StageFolder.sizes(32));
    data =
        folder
            .data(
                StageFolder.asked(
                    "1 + 1?",
                    "<think>\\n1 and <1 are together\\n</think>\\n<answer>\\n2\\n</answer>"))
            .toString();
  }

  private ReasonRun open(String... options) {
    var given = new HashMap<>(Map.of("data_path", data));
    for (int i = 0; i < options.length; i += 2) given.put(options[i], options[i + 1]);
    return folder.open(stage, given);
  }

  @Test
  void weightsTheTagsAloneByDefaultAndTheirPiecesEverywhereInMiniMindsForm() {
    try (var correct = open();
        var compat = open("compat", "minimind2");
        var tokenizer = HuggingFaceTokenizer.load(temporary.resolve("tokenizer"))) {
      assertEquals("<think>|</think>|<answer>|</answer>", weighted(correct, tokenizer));
      var more = weighted(compat, tokenizer);
      assertTrue(more.length() > weighted(correct, tokenizer).length(), more);
    }
  }

  /** Stretches of text that count more. */
  private static String weighted(ReasonRun run, Tokenizer tokenizer) {
    WeightedBatch batch = StageFolder.firstBatch(run);
    var text = new StringBuilder();
    boolean before = false;
    for (int t = 0; t < batch.weights().length; t++) {
      boolean more = batch.weights()[t] == 10;
      if (more && !before && !text.isEmpty()) text.append('|');
      if (more) text.append(tokenizer.decode(new int[] {(int) batch.rows().ids()[t]}));
      before = more;
    }
    return text.toString().replace("\n", "");
  }

  @Test
  void isAWeightedMeanByDefaultAndDividesByTokensInMiniMindsForm() {
    try (var run = open("tag_weight", "4");
        var compat = open("tag_weight", "4", "compat", "minimind2");
        var decoder =
            DecoderFiles.read(
                temporary.resolve("dpo_32.safetensors"), StageFolder.sizes(32), Device.CPU);
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      WeightedBatch batch = StageFolder.firstBatch(run);
      var rows = batch.rows();
      var ids = Tensor.of(rows.ids(), 1, rows.length());
      double[] logProbs = decoder.logits(decoder.hidden(ids)).logSoftmax(-1).toDoubleArray();
      double sum = 0;
      double weights = 0;
      for (int t = 1; t < rows.length(); t++) {
        if (rows.labels()[t] < 0) continue;
        sum -=
            batch.weights()[t]
                * logProbs[(t - 1) * StageFolder.VOCABULARY + (int) rows.labels()[t]];
        weights += batch.weights()[t];
      }
      var loss = run.forward(batch);
      assertEquals(sum, loss.sum().item(), 1e-3 * sum);
      assertEquals(weights, loss.weight(), 1e-6);
      assertEquals(rows.supervisedTokens(), compat.forward(batch).weight());
    }
  }

  @Test
  void aBatchCutBeforeItsAnswerCountsForNothing() {
    try (var run = open("max_seq_len", "4");
        var scope = TensorScope.open()) {
      var loss = run.forward(StageFolder.firstBatch(run));
      assertEquals(0, loss.weight());
      assertEquals(0, loss.sum().item());
    }
  }

  @Test
  void refusesTagsThatCountForNothing() {
    var message = assertThrows(ConfigException.class, () -> open("tag_weight", "0")).getMessage();
    assertEquals("--tag_weight is 0.0, must be above 0", message);
  }

  @Test
  void hasMiniMindsDefaultsAndASamplePreset() {
    assertEquals(10, ReasonConfig.DEFAULT.tagWeight());
    assertEquals("dpo", ReasonConfig.DEFAULT.start().fromWeight());
    assertEquals(720, ReasonConfig.DEFAULT.data().maxSeqLen());
    try (ReasonRun run = folder.open(stage, Map.of())) {
      assertEquals("reason_32", run.outputName());
      assertTrue(run.data().batchesPerEpoch() > 10);
    }
  }
}
