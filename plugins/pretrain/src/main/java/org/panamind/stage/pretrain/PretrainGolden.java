package org.panamind.stage.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.order.Cursor;
import org.panamind.model.Decoder;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.train.Batches;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.TensorScope;
import org.pf4j.Extension;

/** MiniMind's own pretraining runs, repeated by this stage and the host's loop. */
@Extension
public final class PretrainGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("pretrain", "pretrain_accum2", "pretrain_moe");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", trainer.device())) {
      var data = new Recorded(batches(golden.expected().get("batches")));
      var run = new PretrainRun(decoder, data, golden.name(), null);
      var rows = trainer.train(run, GoldenDecoders.options(golden));
      return compare(golden, rows, decoder);
    }
  }

  private static List<Deviation> compare(
      GoldenCase golden, List<Trainer.Row> rows, Decoder decoder) {
    var log = golden.expected().get("log");
    double loss = rows.size() == log.size() ? 0 : Double.POSITIVE_INFINITY;
    double rate = loss;
    for (int i = 0; i < Math.min(rows.size(), log.size()); i++) {
      loss =
          GoldenCase.larger(loss, Math.abs(rows.get(i).loss() - log.get(i).get("loss").asDouble()));
      double wanted = log.get(i).get("learning_rate").asDouble();
      rate = GoldenCase.larger(rate, Math.abs(rows.get(i).learningRate() - wanted) / wanted);
    }
    try (var scope = TensorScope.open()) {
      double weights =
          GoldenCase.normAndSumDifference(
              decoder.parameters(), golden.expected().get("final_norm_and_sum"));
      return List.of(
          new Deviation("loss of each micro-batch", loss, GoldenCase.TRAJECTORY),
          new Deviation("learning rate, relative", rate, GoldenCase.LOGITS),
          new Deviation("final weights' norms and sums, relative", weights, GoldenCase.TRAJECTORY));
    }
  }

  private static List<Batch> batches(JsonNode nodes) {
    var batches = new ArrayList<Batch>();
    for (JsonNode node : nodes) {
      long[] ids = flat(node.get("input_ids"));
      long[] labels = flat(node.get("labels"));
      int rows = node.get("input_ids").size();
      int length = ids.length / rows;
      var lengths = new int[rows];
      var starts = new int[rows][1];
      Arrays.fill(lengths, length);
      long supervised = 0;
      for (int i = 0; i < labels.length; i++)
        supervised += i % length > 0 && labels[i] != -100 ? 1 : 0;
      var next =
          new Cursor(
              batches.size() + 1 == nodes.size() ? 1 : 0, (batches.size() + 1) % nodes.size());
      batches.add(new Batch(ids, labels, rows, length, lengths, starts, supervised, next));
    }
    return batches;
  }

  private static long[] flat(JsonNode rows) {
    int width = rows.get(0).size();
    var values = new long[rows.size() * width];
    for (int i = 0; i < values.length; i++) values[i] = rows.get(i / width).get(i % width).asLong();
    return values;
  }

  /** Given batches in their order. */
  private record Recorded(List<Batch> batches) implements TrainingData<Batch> {
    @Override
    public long batchesPerEpoch() {
      return batches.size();
    }

    @Override
    public Batches<Batch> training(Cursor from, long epochs) {
      return new Batches<>() {
        private int given = Math.toIntExact(from.position());

        @Override
        public Optional<Batch> next() {
          return given < batches.size() ? Optional.of(batches.get(given++)) : Optional.empty();
        }

        @Override
        public Cursor cursor() {
          return given == 0 ? Cursor.START : batches.get(given - 1).next();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public Batches<Batch> heldOut() {
      return new Recorded(List.of()).training(Cursor.START, 1);
    }
  }
}
