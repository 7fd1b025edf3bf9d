package org.panamind.host.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.DType;
import org.panamind.torch.Device;

/**
 * The training loop for golden cases: in float32, with a row for each micro-batch and nothing
 * written.
 */
public record LoopTrainer(Device device) implements Trainer {
  @Override
  public <B> List<Row> train(TrainingRun<B> run, TrainingOptions options) {
    var rows = new ArrayList<Row>();
    var listener =
        new TrainingLoop.Listener() {
          @Override
          public void microBatch(StepLoss loss, double learningRate) {
            rows.add(row(loss, learningRate));
          }
        };
    try (var loop = new TrainingLoop<>(run, options, device, DType.FLOAT32, listener)) {
      loop.train(() -> false);
    }
    return rows;
  }

  private static Row row(StepLoss loss, double learningRate) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    loss.metrics().forEach((name, mean) -> metrics.put(name, mean.value()));
    return new Row(loss.sum().item() / loss.weight(), learningRate, metrics);
  }
}
