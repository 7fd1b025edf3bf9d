package org.panamind.stage.distill_reason;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.rows.WeightedBatch;
import org.panamind.model.Decoder;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.RecordedBatches;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.golden.Trajectory;
import org.pf4j.Extension;

/** MiniMind's own reasoning distillation, repeated by this stage and the host's loop. */
@Extension
public final class ReasonGolden implements GoldenCheck {
  private static final float TAG_WEIGHT = 10;

  @Override
  public Set<String> cases() {
    return Set.of("distill_reason");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    var expected = golden.expected();
    var tags = ids(expected.get("tag_token_ids"));
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", trainer.device())) {
      var rows = RecordedBatches.rows(expected.get("batches")).batches();
      var data = new RecordedBatches<>(rows.stream().map(b -> weighted(b, tags)).toList());
      var compat = GoldenDecoders.compat(golden);
      var run = new ReasonRun(decoder, compat, data, golden.name(), null);
      var trained = trainer.train(run, GoldenDecoders.options(golden));
      return Trajectory.compare(golden, trained, Map.of(), decoder.parameters());
    }
  }

  private static Set<Long> ids(JsonNode tags) {
    var ids = new HashSet<Long>();
    for (JsonNode tag : tags) tag.forEach(id -> ids.add(id.asLong()));
    return ids;
  }

  private static WeightedBatch weighted(Batch batch, Set<Long> tags) {
    var weights = new float[batch.labels().length];
    for (int i = 0; i < weights.length; i++) {
      long label = batch.labels()[i];
      weights[i] = label == Row.IGNORED ? 0 : tags.contains(label) ? TAG_WEIGHT : 1;
    }
    return new WeightedBatch(batch, weights);
  }
}
