package org.panamind.stage.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.batch.Batch;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfigException;
import org.panamind.model.lora.LoraAdapters;
import org.panamind.model.weights.Weights;
import org.panamind.stage.ConfigException;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;

class LoraStageTest {
  private final LoraStage stage = new LoraStage();
  @TempDir Path temporary;
  private StageFolder folder;
  private String data;

  @BeforeEach
  void leaveWhatFineTuningLeaves() {
    folder = new StageFolder(temporary);
    folder.weights("full_sft", StageFolder.sizes(32));
    data = folder.data(StageFolder.asked("Who are you?", "I am Pana.")).toString();
  }

  private LoraRun open(Map<String, String> given) {
    return folder.open(stage, given);
  }

  @Test
  void trainsOnlyTheMatricesOfSquareLayers() {
    try (var run = open(Map.of("data_path", data))) {
      assertEquals(
          Set.of(
              "q_proj.lora.A.weight",
              "q_proj.lora.B.weight",
              "o_proj.lora.A.weight",
              "o_proj.lora.B.weight"),
          names(run));
      assertEquals(8, run.groups().getFirst().parameters().size());
    }
  }

  private static Set<String> names(LoraRun run) {
    return run.groups().getFirst().parameters().keySet().stream()
        .map(name -> name.substring(name.indexOf("self_attn.") < 0 ? 0 : 25))
        .collect(Collectors.toSet());
  }

  @Test
  void trainsTheLayersThatAreNamed() {
    var given = Map.of("data_path", data, "lora_target", "v_proj,down_proj", "lora_rank", "2");
    try (var run = open(given)) {
      var parameters = run.groups().getFirst().parameters();
      assertEquals(8, parameters.size());
      var a = parameters.get("model.layers.1.mlp.down_proj.lora.A.weight");
      assertEquals(List.of(2L, 64L), List.of(a.size(0), a.size(1)));
    }
  }

  @Test
  void beginsAtTheLossOfTheWeightsAndGivesThemNoGradient() {
    try (var run = open(Map.of("data_path", data));
        var base =
            DecoderFiles.read(
                temporary.resolve("full_sft_32.safetensors"), StageFolder.sizes(32), Device.CPU);
        var scope = TensorScope.open()) {
      Batch batch = StageFolder.firstBatch(run);
      var loss = run.forward(batch);
      assertEquals(NextToken.loss(base, batch).sum().item(), loss.sum().item(), 1e-4);
      loss.sum().backward();
      run.groups()
          .getFirst()
          .parameters()
          .forEach((name, tensor) -> assertTrue(tensor.grad() != null, name));
    }
  }

  @Test
  void savesTheMatricesAloneUnderTheirNameAndReadsThemBack() {
    var file = temporary.resolve("lora/mine_32.safetensors");
    var given = Map.of("data_path", data, "lora_name", "mine", "lora_alpha", "24");
    double learned;
    Batch batch;
    try (var run = open(given);
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      assertEquals("lora/mine_32", run.outputName());
      run.groups().getFirst().parameters().values().forEach(tensor -> tensor.normal_(0, 0.1));
      run.writeWeights(file);
      batch = StageFolder.firstBatch(run);
      learned = run.forward(batch).sum().item();
    }
    try (var saved = Weights.open(file)) {
      assertTrue(saved.tensors().keySet().stream().allMatch(name -> name.contains(".lora.")));
    }
    try (var base =
            DecoderFiles.read(
                temporary.resolve("full_sft_32.safetensors"), StageFolder.sizes(32), Device.CPU);
        var adapters = LoraAdapters.read(file, base);
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      assertEquals(3, adapters.scale());
      assertEquals(learned, NextToken.loss(base, batch).sum().item(), 1e-4);
      adapters.merge();
      assertEquals(learned, NextToken.loss(base, batch).sum().item(), 1e-3);
    }
  }

  @Test
  void refusesWhatIsNoLayerRankOrName() {
    var unknown = Map.of("data_path", data, "lora_target", "w_proj");
    var message = assertThrows(ModelConfigException.class, () -> open(unknown)).getMessage();
    assertTrue(message.startsWith("--lora_target w_proj matches no linear layer"), message);
    refuses("--lora_rank is 0, must be at least 1", "lora_rank", "0");
    refuses("--lora_alpha is -1.0, must be above 0", "lora_alpha", "-1");
    refuses("--lora_name is a/b, must be", "lora_name", "a/b");
    refuses("--from_weight is none, must be", "from_weight", "none");
  }

  private void refuses(String begins, String flag, String value) {
    var given = Map.of("data_path", data, flag, value);
    var message = assertThrows(ConfigException.class, () -> open(given)).getMessage();
    assertTrue(message.startsWith(begins), message);
  }

  @Test
  void hasMiniMindsDefaultsAndASamplePreset() {
    assertEquals("lora_identity", LoraStageConfig.DEFAULT.name());
    assertEquals(50, LoraStageConfig.DEFAULT.training().epochs());
    assertEquals(8, LoraStageConfig.DEFAULT.loraRank());
    try (var run = open(Map.of())) {
      assertEquals("lora/lora_identity_32", run.outputName());
      assertTrue(run.data().batchesPerEpoch() > 1);
    }
  }
}
