package org.panamind.stage.distill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.model.Architecture;
import org.panamind.model.Experts;
import org.panamind.model.ModelConfig;
import org.panamind.stage.ConfigException;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.TensorScope;

class DistillStageTest {
  private final DistillStage stage = new DistillStage();
  @TempDir Path temporary;
  private StageFolder folder;
  private String data;

  @BeforeEach
  void leaveAStudentAndATeacher() {
    folder = new StageFolder(temporary);
    folder.weights("full_sft", StageFolder.sizes(32));
    folder.weights("full_sft", StageFolder.sizes(64));
    data = folder.data(StageFolder.asked("What is 1 + 1?", "It is 2.")).toString();
  }

  private DistillRun open(String... options) {
    var given = new HashMap<>(Map.of("data_path", data));
    given.put("student_hidden_size", "32");
    given.put("teacher_hidden_size", "64");
    for (int i = 0; i < options.length; i += 2) given.put(options[i], options[i + 1]);
    return folder.open(stage, given);
  }

  @Test
  void learnsFromATeacherOfAnotherWidth() {
    try (var run = open();
        var scope = TensorScope.open()) {
      var loss = run.forward(StageFolder.firstBatch(run));
      double wanted =
          0.5 * loss.metrics().get("ce_loss").sum().item()
              + 0.5 * loss.metrics().get("distill_loss").sum().item();
      assertEquals(wanted, loss.sum().item(), 1e-3);
      assertTrue(loss.metrics().get("distill_loss").sum().item() > 0);
      loss.sum().backward();
      run.groups().getFirst().parameters().forEach((n, t) -> assertTrue(t.grad() != null, n));
      assertEquals("full_dist_32", run.outputName());
    }
  }

  @Test
  void aTeacherThatIsTheStudentHasNothingToTeach() {
    try (var run = open("teacher_hidden_size", "32", "alpha", "0");
        var scope = TensorScope.open()) {
      assertEquals(0, run.forward(StageFolder.firstBatch(run)).sum().item(), 1e-4);
    }
  }

  @Test
  void countsTheBalanceOfExpertsWholeByDefaultAndByAlphaInMiniMindsForm() {
    folder.weights("moe", StageFolder.sizes(32).with(Experts.MINIMIND2));
    assertEquals(1, balanceFactor("none"), 1e-2);
    assertEquals(0.25, balanceFactor("minimind2"), 1e-2);
  }

  private double balanceFactor(String compat) {
    try (var run =
            open(
                "from_student_weight",
                "moe",
                "student_use_moe",
                "1",
                "alpha",
                "0.25",
                "compat",
                compat);
        var scope = TensorScope.open()) {
      var batch = StageFolder.firstBatch(run);
      run.training(true);
      var loss = run.forward(batch);
      double mixed =
          0.25 * loss.metrics().get("ce_loss").sum().item()
              + 0.75 * loss.metrics().get("distill_loss").sum().item();
      return (loss.sum().item() - mixed) / loss.metrics().get("aux_loss").sum().item();
    }
  }

  @Test
  void takesAMixtureAsTeacher() {
    folder.weights("wise", StageFolder.sizes(48).with(Experts.MINIMIND2));
    try (var run =
            open(
                "from_teacher_weight",
                "wise",
                "teacher_use_moe",
                "1",
                "teacher_hidden_size",
                "none");
        var scope = TensorScope.open()) {
      assertTrue(run.forward(StageFolder.firstBatch(run)).sum().item() > 0);
    }
  }

  @Test
  void aBatchCutBeforeItsAnswerCountsForNothing() {
    try (var run = open("max_seq_len", "5");
        var scope = TensorScope.open()) {
      var loss = run.forward(StageFolder.firstBatch(run));
      assertEquals(0, loss.weight());
      assertEquals(0, loss.sum().item());
    }
  }

  @Test
  void refusesATeacherOfAnotherVocabulary() {
    var larger = ModelConfig.minimind2(400, 48, 2, 4, 2, 64, 2048, 1e6, null, 0);
    folder.weights("other", larger);
    refuses("has a vocabulary of 400, the student", "other");
    folder.weights("foreign", StageFolder.sizes(48), folder.tokenizer("tokenizer-2", 8));
    refuses("their ids mean different text", "foreign");
  }

  private void refuses(String words, String teacher) {
    var message =
        assertThrows(
                ConfigException.class,
                () -> open("from_teacher_weight", teacher, "teacher_hidden_size", "48"))
            .getMessage();
    assertTrue(message.contains(words), message);
  }

  @Test
  void namesItsOwnFlagWhereSeveralWeightsFit() {
    var message =
        assertThrows(ConfigException.class, () -> open("student_hidden_size", "none")).getMessage();
    assertTrue(message.contains("choose with --student_hidden_size"), message);
  }

  @Test
  void hasMiniMindsDefaultsAndASamplePresetWithASmallStudent() {
    assertEquals(6, DistillConfig.DEFAULT.training().epochs());
    assertEquals(1.5, DistillConfig.DEFAULT.temperature());
    try (DistillRun run = folder.open(stage, Map.of("teacher_hidden_size", "64"))) {
      assertEquals("full_dist_96", run.outputName());
    }
  }

  @Test
  void aRandomStudentIsOfTheGenerationAndHeadsThatWereAskedFor() {
    try (var run =
        open(
            "from_student_weight",
            "none",
            "student_arch",
            "minimind3",
            "student_num_attention_heads",
            "4")) {
      assertEquals(Architecture.MINIMIND3, run.decoder().config().architecture());
      assertEquals(4, run.decoder().config().headCount());
    }
  }

  @Test
  void errorsNameTheFlagsOfThisStage() {
    assertFails(
        "--student_hidden_size 50", "from_student_weight", "none", "student_hidden_size", "50");
    assertFails("--student_num_layers is 7", "student_num_layers", "7");
    assertFails("--student_arch is minimind3", "student_arch", "minimind3");
    assertFails("--teacher_num_layers is 7", "teacher_num_layers", "7");
  }

  private void assertFails(String start, String... options) {
    var failure = assertThrows(ConfigException.class, () -> open(options));
    assertTrue(failure.getMessage().startsWith(start), failure.getMessage());
  }
}
