package org.panamind.stage.sft;

import java.util.List;
import java.util.Map;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage sft}: a pretrained decoder learns to answer. */
@Extension
public final class SftStage implements TrainingStage<SftConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of(
          "max_seq_len", "128",
          "batch_size", "32",
          "learning_rate", "2e-3",
          "warmup_steps", "20",
          "epochs", "4");

  private static final Map<String, String> MINIMIND3_PRESET =
      Map.of("max_seq_len", "768", "learning_rate", "1e-5", "empty_think_ratio", "0.2");

  @Override
  public String name() {
    return "sft";
  }

  @Override
  public String summary() {
    return "trains a pretrained decoder on conversations";
  }

  @Override
  public Class<SftConfig> config() {
    return SftConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    if (given.get("data_path") == null) return SAMPLE_PRESET;
    return "minimind3".equals(given.get("arch")) ? MINIMIND3_PRESET : Map.of();
  }

  @Override
  public TrainingOptions training(SftConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return Departure.ofChats();
  }

  @Override
  public TrainingRun<?> open(SftConfig config, TrainingContext context) {
    return SftRun.open(config, context);
  }
}
