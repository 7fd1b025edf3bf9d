package org.example.kto;

import java.util.Map;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage kto}. */
@Extension
public final class KtoStage implements TrainingStage<KtoConfig> {
  @Override
  public String name() {
    return "kto";
  }

  @Override
  public String summary() {
    return "trains a decoder on answers that are good or bad by themselves";
  }

  @Override
  public Class<KtoConfig> config() {
    return KtoConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    if (given.get("data_path") != null) return Map.of();
    return Map.of("max_seq_len", "128", "batch_size", "16", "learning_rate", "1e-4");
  }

  @Override
  public TrainingOptions training(KtoConfig config) {
    return config.training();
  }

  @Override
  public TrainingRun<?> open(KtoConfig config, TrainingContext context) {
    return KtoRun.open(config, context);
  }
}
