package org.panamind.stage.distill;

import java.util.List;
import java.util.Map;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage distill}: a student learns a larger teacher's probabilities. */
@Extension
public final class DistillStage implements TrainingStage<DistillConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.ofEntries(
          Map.entry("from_student_weight", "none"),
          Map.entry("student_hidden_size", "96"),
          Map.entry("student_num_layers", "2"),
          Map.entry("teacher_hidden_size", "none"),
          Map.entry("max_seq_len", "128"),
          Map.entry("batch_size", "16"),
          Map.entry("learning_rate", "3e-3"),
          Map.entry("warmup_steps", "20"),
          Map.entry("save_interval", "1000"),
          Map.entry("epochs", "3"));

  @Override
  public String name() {
    return "distill";
  }

  @Override
  public String summary() {
    return "trains a student on a larger teacher's probabilities";
  }

  @Override
  public Class<DistillConfig> config() {
    return DistillConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    return given.get("data_path") == null ? SAMPLE_PRESET : Map.of();
  }

  @Override
  public TrainingOptions training(DistillConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return Departure.ofChats(
        new Departure(
            "balance loss of a student with experts",
            "counts whole",
            "counts as part of the cross-entropy, multiplied by alpha"));
  }

  @Override
  public TrainingRun<?> open(DistillConfig config, TrainingContext context) {
    return DistillRun.open(config, context);
  }
}
