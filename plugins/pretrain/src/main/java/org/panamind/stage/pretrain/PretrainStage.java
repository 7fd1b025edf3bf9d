package org.panamind.stage.pretrain;

import java.util.Map;
import org.panamind.stage.options.ModelOptions;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage pretrain}: a decoder learns to predict the next token of a text. */
@Extension
public final class PretrainStage implements TrainingStage<PretrainConfig> {
  /** About a million parameters: a first model within three minutes on two cores. */
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of(
          "hidden_size", "128",
          "num_hidden_layers", "4",
          "num_attention_heads", "4",
          "max_seq_len", "128",
          "batch_size", "32",
          "accumulation_steps", "1",
          "learning_rate", "2e-3",
          "warmup_steps", "20",
          "epochs", "3",
          "save_interval", "200");

  @Override
  public String name() {
    return "pretrain";
  }

  @Override
  public String summary() {
    return "trains a decoder from scratch on plain text";
  }

  @Override
  public Class<PretrainConfig> config() {
    return PretrainConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    return given.get("data_path") == null ? SAMPLE_PRESET : ModelOptions.preset(given);
  }

  @Override
  public TrainingOptions training(PretrainConfig config) {
    return config.training();
  }

  @Override
  public TrainingRun<?> open(PretrainConfig config, TrainingContext context) {
    return PretrainRun.open(config, context);
  }
}
