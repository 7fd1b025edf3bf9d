package org.panamind.stage.dpo;

import java.util.List;
import java.util.Map;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage dpo}: a decoder learns which of two answers is preferred. */
@Extension
public final class DpoStage implements TrainingStage<DpoConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of(
          "max_seq_len", "128",
          "batch_size", "16",
          "learning_rate", "1e-4",
          "epochs", "2");

  private static final Map<String, String> MINIMIND3_PRESET =
      Map.of("beta", "0.15", "empty_think_ratio", "0.2");

  @Override
  public String name() {
    return "dpo";
  }

  @Override
  public String summary() {
    return "trains a decoder to prefer chosen answers to rejected ones";
  }

  @Override
  public Class<DpoConfig> config() {
    return DpoConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    if (given.get("data_path") == null) return SAMPLE_PRESET;
    return "minimind3".equals(given.get("arch")) ? MINIMIND3_PRESET : Map.of();
  }

  @Override
  public TrainingOptions training(DpoConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return Departure.common(
        new Departure(
            "log-probability of an answer",
            "the sum over its tokens (--dpo_length_norm for their mean)",
            "in minimind2 the mean over its tokens"),
        new Departure(
            "what is learned of a pair",
            "the last answer, in which both differ, found by the template's structure",
            "all answers, found by scanning for the ids of <|im_start|>assistant"),
        new Departure(
            "empty thinking blocks",
            "stay or go by one draw a pair",
            "by a draw for each answer, which becomes a preference"));
  }

  @Override
  public TrainingRun<?> open(DpoConfig config, TrainingContext context) {
    return DpoRun.open(config, context);
  }
}
