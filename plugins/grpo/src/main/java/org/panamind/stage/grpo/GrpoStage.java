package org.panamind.stage.grpo;

import java.util.List;
import java.util.Map;
import org.panamind.stage.rl.PolicyPresets;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage grpo}: a decoder learns from the rewards of groups of its own answers. */
@Extension
public final class GrpoStage implements TrainingStage<GrpoConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of("batch_size", "16", "learning_rate", "1e-4", "max_steps", "60");

  @Override
  public String name() {
    return "grpo";
  }

  @Override
  public String summary() {
    return "trains a decoder by the rewards of groups of its own answers";
  }

  @Override
  public Class<GrpoConfig> config() {
    return GrpoConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    return PolicyPresets.of(given, SAMPLE_PRESET);
  }

  @Override
  public TrainingOptions training(GrpoConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return PolicyPresets.departures(
        new Departure(
            "advantages",
            "the group's rewards less their mean, divided as --scale_rewards says",
            "cut off at 10, then made to have mean 0 and deviation 1 over the micro-batch"));
  }

  @Override
  public TrainingRun<?> open(GrpoConfig config, TrainingContext context) {
    return GrpoRun.open(config, context);
  }
}
