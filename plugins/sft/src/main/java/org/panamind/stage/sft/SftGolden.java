package org.panamind.stage.sft;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.model.Decoder;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.RecordedBatches;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.golden.Trajectory;
import org.pf4j.Extension;

/** MiniMind's own supervised fine-tuning, repeated by this stage and the host's loop. */
@Extension
public final class SftGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("full_sft");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", trainer.device())) {
      var data = RecordedBatches.rows(golden.expected().get("batches"));
      var run = new SftRun(decoder, data, golden.name(), null);
      var rows = trainer.train(run, GoldenDecoders.options(golden));
      return Trajectory.compare(golden, rows, Map.of(), decoder.parameters());
    }
  }
}
