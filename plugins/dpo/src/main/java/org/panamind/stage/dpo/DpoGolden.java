package org.panamind.stage.dpo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.rows.PreferenceBatch;
import org.panamind.model.Decoder;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.RecordedBatches;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.golden.Trajectory;
import org.panamind.stage.train.Compat;
import org.pf4j.Extension;

/** MiniMind's own preference training, repeated by this stage and the host's loop. */
@Extension
public final class DpoGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("dpo");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    boolean mean = GoldenDecoders.compat(golden) == Compat.MINIMIND2;
    double beta = golden.expected().get("beta").asDouble();
    var loss = new PreferenceLoss(beta, mean, LossType.SIGMOID, 0);
    try (Decoder policy = GoldenDecoders.read(golden, "init.safetensors", trainer.device());
        ReferenceLogProbs reference =
            new ReferenceLogProbs(
                GoldenDecoders.read(golden, "ref.safetensors", trainer.device()))) {
      var data = new RecordedBatches<>(batches(golden.expected().get("batches")));
      var run = new DpoRun(policy, reference, loss, data, golden.name(), null);
      var rows = trainer.train(run, GoldenDecoders.options(golden));
      return Trajectory.compare(golden, rows, Map.of("dpo_loss", "dpo_loss"), policy.parameters());
    }
  }

  private static List<PreferenceBatch> batches(JsonNode nodes) {
    var batches = new ArrayList<PreferenceBatch>();
    for (JsonNode node : nodes) {
      int pairs = node.get("x_chosen").size();
      int first = batches.size() * pairs;
      var next = RecordedBatches.cursorAfter(batches.size(), nodes.size());
      var rows =
          RecordedBatches.batch(
              both(ids(node, "chosen"), ids(node, "rejected")),
              both(labels(node, "chosen"), labels(node, "rejected")),
              2 * pairs,
              next);
      batches.add(new PreferenceBatch(rows, LongStream.range(first, first + pairs).toArray()));
    }
    return batches;
  }

  private static long[] both(long[] chosen, long[] rejected) {
    var both = Arrays.copyOf(chosen, chosen.length + rejected.length);
    System.arraycopy(rejected, 0, both, chosen.length, rejected.length);
    return both;
  }

  /** One more position than recorded, since what is recorded is shifted; none sees it. */
  private static long[] ids(JsonNode node, String side) {
    long[] x = RecordedBatches.flat(node.get("x_" + side));
    int width = node.get("x_" + side).get(0).size();
    var ids = new long[x.length / width * (width + 1)];
    for (int i = 0; i < x.length; i++) ids[i / width * (width + 1) + i % width] = x[i];
    return ids;
  }

  private static long[] labels(JsonNode node, String side) {
    long[] y = RecordedBatches.flat(node.get("y_" + side));
    long[] mask = RecordedBatches.flat(node.get("mask_" + side));
    int width = node.get("y_" + side).get(0).size();
    var labels = new long[y.length / width * (width + 1)];
    Arrays.fill(labels, Row.IGNORED);
    for (int i = 0; i < y.length; i++)
      if (mask[i] != 0) labels[i / width * (width + 1) + i % width + 1] = y[i];
    return labels;
  }
}
