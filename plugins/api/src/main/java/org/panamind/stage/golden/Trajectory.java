package org.panamind.stage.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Compares a training run with the log and the last weights that a golden case records. */
public final class Trajectory {
  private Trajectory() {}

  /**
   * Compares losses, learning rates, further columns and, where recorded, the last weights.
   *
   * @param rows of {@link Trainer#train}
   * @param metrics column of the log to the stage's metric
   * @param parameters as they are after training
   */
  public static List<Deviation> compare(
      GoldenCase golden,
      List<Trainer.Row> rows,
      Map<String, String> metrics,
      Map<String, Tensor> parameters) {
    var log = golden.expected().get("log");
    var found = new ArrayList<Deviation>();
    found.add(column("loss", log, rows, Trainer.Row::loss, false));
    found.add(column("learning_rate", log, rows, Trainer.Row::learningRate, true));
    metrics.forEach(
        (column, metric) ->
            found.add(column(column, log, rows, row -> row.metrics().get(metric), false)));
    var norms = golden.expected().get("final_norm_and_sum");
    if (norms != null) found.add(weights(parameters, norms));
    return found;
  }

  private static Deviation column(
      String name,
      JsonNode log,
      List<Trainer.Row> rows,
      Function<Trainer.Row, Double> value,
      boolean relative) {
    double error = rows.size() == log.size() ? 0 : Double.POSITIVE_INFINITY;
    for (int i = 0; i < Math.min(rows.size(), log.size()); i++) {
      double wanted = log.get(i).get(name).asDouble();
      double difference = Math.abs(value.apply(rows.get(i)) - wanted);
      error = GoldenCase.larger(error, relative ? difference / wanted : difference);
    }
    return relative
        ? new Deviation(name + " of each micro-batch, relative", error, GoldenCase.LOGITS)
        : new Deviation(name + " of each micro-batch", error, GoldenCase.TRAJECTORY);
  }

  private static Deviation weights(Map<String, Tensor> parameters, JsonNode norms) {
    try (var scope = TensorScope.open()) {
      double error = GoldenCase.normAndSumDifference(parameters, norms);
      return new Deviation("final weights' norms and sums, relative", error, GoldenCase.TRAJECTORY);
    }
  }
}
