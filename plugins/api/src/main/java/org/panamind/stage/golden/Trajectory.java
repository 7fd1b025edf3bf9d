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
    compare(golden, rows, metrics, parameters, found);
    return found;
  }

  /**
   * The same for the trainers of reinforcement learning, which log the learning rate of the step to
   * come.
   *
   * @param loss column that holds the whole loss, or null if none does
   * @param rate column of the learning rate
   */
  public static List<Deviation> comparePolicy(
      GoldenCase golden,
      List<Trainer.Row> rows,
      String loss,
      String rate,
      Map<String, String> metrics,
      Map<String, Tensor> parameters) {
    var log = golden.expected().get("log");
    var found = new ArrayList<Deviation>();
    if (loss != null) found.add(column(loss, log, rows, Trainer.Row::loss, false));
    found.add(ratesToCome(rate, log, rows));
    compare(golden, rows, metrics, parameters, found);
    return found;
  }

  private static void compare(
      GoldenCase golden,
      List<Trainer.Row> rows,
      Map<String, String> metrics,
      Map<String, Tensor> parameters,
      List<Deviation> found) {
    var log = golden.expected().get("log");
    metrics.forEach(
        (column, metric) ->
            found.add(column(column, log, rows, row -> row.metrics().get(metric), false)));
    var norms = golden.expected().get("final_norm_and_sum");
    if (norms != null) found.add(weights(parameters, norms));
  }

  private static Deviation ratesToCome(String name, JsonNode log, List<Trainer.Row> rows) {
    double error = rows.size() == log.size() ? 0 : Double.POSITIVE_INFINITY;
    for (int i = 1; i < Math.min(rows.size(), log.size()); i++) {
      double wanted = log.get(i - 1).get(name).asDouble();
      double difference = Math.abs(rows.get(i).learningRate() - wanted);
      error = GoldenCase.larger(error, difference / wanted);
    }
    return new Deviation(name + " of each update, relative", error, GoldenCase.LOGITS);
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

  /** Compares weights with the norms and sums that they should have. */
  public static Deviation weights(Map<String, Tensor> parameters, JsonNode norms) {
    try (var scope = TensorScope.open()) {
      double error = GoldenCase.normAndSumDifference(parameters, norms);
      return new Deviation("final weights' norms and sums, relative", error, GoldenCase.TRAJECTORY);
    }
  }
}
