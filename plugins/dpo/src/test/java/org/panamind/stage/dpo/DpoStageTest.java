package org.panamind.stage.dpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.rows.PreferenceBatch;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.stage.ConfigException;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class DpoStageTest {
  private final DpoStage stage = new DpoStage();
  @TempDir Path temporary;
  private StageFolder folder;
  private String data;

  @BeforeEach
  void leaveWhatFineTuningLeaves() {
    folder = new StageFolder(temporary);
    folder.weights("full_sft", StageFolder.sizes(32));
    data =
        folder
            .data(
                StageFolder.pair("Choose: a or b", "I take a", "b"),
                StageFolder.pair("Pick red or blue.", "red", "I would say blue"))
            .toString();
  }

  private DpoRun open(String... options) {
    var given = new HashMap<>(Map.of("data_path", data));
    for (int i = 0; i < options.length; i += 2) given.put(options[i], options[i + 1]);
    return folder.open(stage, given);
  }

  private Decoder weights() {
    return DecoderFiles.read(
        temporary.resolve("full_sft_32.safetensors"), StageFolder.sizes(32), Device.CPU);
  }

  @Test
  void beginsAtLogTwoWhereThePolicyIsTheReference() {
    try (var run = open();
        var scope = TensorScope.open()) {
      var loss = run.forward(StageFolder.firstBatch(run));
      assertEquals(2, loss.weight());
      assertEquals(2 * Math.log(2), loss.sum().item(), 1e-5);
      assertEquals(0, loss.metrics().get("reward_margin").sum().item(), 1e-5);
      assertTrue(loss.metrics().get("chosen_log_prob").sum().item() < 0);
    }
  }

  @Test
  void sumsLogProbabilitiesByDefaultAndAveragesThemInMiniMind2sForm() {
    double[] sums = byHand(false);
    double[] means = byHand(true);
    assertEquals(sums[0] + sums[1], metric("chosen_log_prob", "compat", "none"), 1e-3);
    assertEquals(sums[2] + sums[3], metric("rejected_log_prob", "compat", "minimind3"), 1e-3);
    assertEquals(means[0] + means[1], metric("chosen_log_prob", "compat", "minimind2"), 1e-4);
    assertEquals(means[2] + means[3], metric("rejected_log_prob", "dpo_length_norm", "1"), 1e-4);
  }

  private double metric(String name, String option, String value) {
    try (var run = open(option, value);
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      return run.forward(StageFolder.firstBatch(run)).metrics().get(name).sum().item();
    }
  }

  /** Log-probabilities of the answers from the logits, row by row. */
  private double[] byHand(boolean mean) {
    try (var run = open();
        var decoder = weights();
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var rows = StageFolder.firstBatch(run).rows();
      var ids = Tensor.of(rows.ids(), rows.rows(), rows.length());
      double[] logProbs = decoder.logits(decoder.hidden(ids)).logSoftmax(-1).toDoubleArray();
      var sums = new double[rows.rows()];
      var counts = new int[rows.rows()];
      for (int i = 0; i < rows.labels().length; i++) {
        if (i % rows.length() == 0 || rows.labels()[i] < 0) continue;
        sums[i / rows.length()] +=
            logProbs[(i - 1) * StageFolder.VOCABULARY + (int) rows.labels()[i]];
        counts[i / rows.length()]++;
      }
      if (mean) for (int r = 0; r < sums.length; r++) sums[r] /= counts[r];
      return sums;
    }
  }

  @Test
  void preferenceGrowsAlongTheGradient() {
    try (var run = open();
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      run.forward(batch).sum().backward();
      try (var no = NoGrad.enter()) {
        run.groups()
            .getFirst()
            .parameters()
            .values()
            .forEach(weight -> weight.add_(weight.grad(), -1e-2));
      }
      var after = run.forward(batch);
      assertTrue(after.sum().item() < 2 * Math.log(2) - 1e-3);
      assertEquals(2, after.metrics().get("reward_accuracy").sum().item());
      assertTrue(after.metrics().get("reward_margin").sum().item() > 0);
    }
  }

  @Test
  void asksTheReferenceOnceOfEachPairWhateverBatchItComesIn() {
    try (var run = open();
        var reference = new ReferenceLogProbs(weights());
        var scope = TensorScope.open()) {
      PreferenceBatch batch = StageFolder.firstBatch(run);
      float[] first = reference.of(batch).toFloatArray();
      try (var no = NoGrad.enter()) {
        reference.decoder().parameters().values().forEach(weight -> weight.fill_(0));
      }
      assertArrayEquals(first, reference.of(batch).toFloatArray());
      assertEquals(4, first.length);
    }
  }

  @Test
  void aPairAloneHasTheSameReferenceAsInABatch() {
    try (var run = open("batch_size", "2");
        var single = open("batch_size", "1");
        var reference = new ReferenceLogProbs(weights());
        var other = new ReferenceLogProbs(weights());
        var scope = TensorScope.open()) {
      PreferenceBatch both = StageFolder.firstBatch(run);
      PreferenceBatch one = StageFolder.firstBatch(single);
      int at = both.samples()[0] == one.samples()[0] ? 0 : 1;
      assertEquals(other.of(one).toFloatArray()[0], reference.of(both).toFloatArray()[at]);
    }
  }

  @Test
  void aPairCutBeforeItsAnswersCountsForNothing() {
    try (var run = open("max_seq_len", "6");
        var scope = TensorScope.open()) {
      var loss = run.forward(StageFolder.firstBatch(run));
      assertEquals(0, loss.weight());
      assertEquals(0, loss.sum().item());
    }
  }

  @Test
  void namesTheLineOfAPairThatDoesNotShareItsPrompt() {
    var good = StageFolder.pair("a?", "b", "c");
    folder.data(good, good.replaceFirst("a\\?", "x?"));
    var message = assertThrows(DataException.class, this::open).getMessage();
    assertTrue(
        message.startsWith(data + ":2: \"chosen\" and \"rejected\" differ in message 1"), message);
  }

  @Test
  void refusesOptionsOutOfBounds() {
    refuses("--beta is 0.0, must be above 0", "beta", "0");
    refuses("--label_smoothing is 0.5, must be from 0 to below 0.5", "label_smoothing", "0.5");
    refuses("--from_weight is none, must be weights", "from_weight", "none");
    refuses("--loss_type is \"kto\", must be one of sigmoid, ipo, hinge", "loss_type", "kto");
  }

  private void refuses(String begins, String flag, String value) {
    var message = assertThrows(ConfigException.class, () -> open(flag, value)).getMessage();
    assertTrue(message.startsWith(begins), message);
  }

  @Test
  void hasMiniMindsDefaultsAndASamplePreset() {
    assertEquals(4e-8, DpoConfig.DEFAULT.training().learningRate());
    assertEquals(0.1, DpoConfig.DEFAULT.beta());
    assertEquals(100, DpoConfig.DEFAULT.training().saveInterval());
    try (DpoRun run = folder.open(stage, Map.of())) {
      assertEquals("dpo_32", run.outputName());
      assertTrue(run.data().batchesPerEpoch() > 10);
      try (var heldOut = run.data().heldOut()) {
        assertTrue(heldOut.next().orElseThrow().samples()[0] < 0, "numbered apart from training");
      }
    }
  }
}
