package org.panamind.stage.lora;

import java.util.List;
import java.util.Map;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage lora}: small matrices beside frozen weights learn something more. */
@Extension
public final class LoraStage implements TrainingStage<LoraStageConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of(
          "lora_target", "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj",
          "max_seq_len", "128",
          "system_prompt_ratio", "0",
          "learning_rate", "5e-3",
          "warmup_steps", "10",
          "epochs", "6");

  private static final Map<String, String> MINIMIND3_PRESET =
      Map.of("lora_rank", "16", "epochs", "10", "empty_think_ratio", "0.2");

  @Override
  public String name() {
    return "lora";
  }

  @Override
  public String summary() {
    return "trains low-rank weights beside frozen ones on conversations";
  }

  @Override
  public Class<LoraStageConfig> config() {
    return LoraStageConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    if (given.get("data_path") == null) return SAMPLE_PRESET;
    return "minimind3".equals(given.get("arch")) ? MINIMIND3_PRESET : Map.of();
  }

  @Override
  public TrainingOptions training(LoraStageConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return Departure.ofChats();
  }

  @Override
  public TrainingRun<?> open(LoraStageConfig config, TrainingContext context) {
    return LoraRun.open(config, context);
  }
}
