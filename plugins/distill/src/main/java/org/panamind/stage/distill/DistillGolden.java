package org.panamind.stage.distill;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.hub.HubConfig;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.RecordedBatches;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.golden.Trajectory;
import org.panamind.torch.Device;
import org.pf4j.Extension;

/** MiniMind's own distillation, repeated by this stage and the host's loop. */
@Extension
public final class DistillGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("distillation");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    var expected = golden.expected();
    var mixture =
        new DistillLoss.Mixture(
            expected.get("alpha").asDouble(), expected.get("temperature").asDouble());
    try (Decoder student = GoldenDecoders.read(golden, "init.safetensors", trainer.device());
        Decoder teacher = teacher(golden, trainer.device())) {
      var data = RecordedBatches.rows(expected.get("batches"));
      var compat = GoldenDecoders.compat(golden);
      var run = new DistillRun(student, teacher, mixture, compat, data, golden.name(), null);
      var rows = trainer.train(run, GoldenDecoders.options(golden));
      var columns = Map.of("ce_loss", "ce_loss", "distill_loss", "distill_loss");
      return Trajectory.compare(golden, rows, columns, student.parameters());
    }
  }

  private static Decoder teacher(GoldenCase golden, Device device) {
    var config =
        HubConfig.read(golden.expected().get("teacher_config"), golden.folder().toString());
    return DecoderFiles.readAs(golden.folder().resolve("teacher.safetensors"), config, device);
  }
}
