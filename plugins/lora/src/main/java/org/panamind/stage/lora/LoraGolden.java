package org.panamind.stage.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.model.Decoder;
import org.panamind.model.lora.LoraAdapters;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.RecordedBatches;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.golden.Trajectory;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;
import org.pf4j.Extension;

/** MiniMind's own LoRA training, repeated by this stage and the host's loop. */
@Extension
public final class LoraGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("lora");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", trainer.device());
        LoraAdapters adapters =
            LoraAdapters.read(golden.folder().resolve("lora_init.safetensors"), decoder)) {
      var data = RecordedBatches.rows(golden.expected().get("batches"));
      var run = new LoraRun(decoder, adapters, data, golden.name(), null);
      var rows = trainer.train(run, GoldenDecoders.options(golden));
      var found =
          new ArrayList<>(Trajectory.compare(golden, rows, Map.of(), adapters.parameters()));
      found.add(matrices(golden, adapters));
      found.add(logits(golden, decoder));
      return found;
    }
  }

  private static Deviation matrices(GoldenCase golden, LoraAdapters adapters) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var wanted = golden.weights("lora_final.safetensors");
      double error =
          wanted.keySet().equals(adapters.parameters().keySet()) ? 0 : Double.POSITIVE_INFINITY;
      for (var entry : adapters.parameters().entrySet()) {
        var recorded = wanted.get(entry.getKey()).to(entry.getValue().device());
        error = GoldenCase.larger(error, entry.getValue().sub(recorded).abs().max().item());
      }
      return new Deviation("final A and B", error, GoldenCase.TRAJECTORY);
    }
  }

  private static Deviation logits(GoldenCase golden, Decoder decoder) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var wanted = golden.expected().get("logits_last_after");
      decoder.training(false);
      var ids =
          GoldenCase.integers(golden.expected().get("batches").get(0).get("input_ids"))
              .to(decoder.device());
      var last = decoder.logits(decoder.hidden(ids).select(1, -1)); // [B, V]
      double error = GoldenCase.difference(last, wanted);
      return new Deviation("logits after training", error, GoldenCase.TRAJECTORY);
    }
  }
}
