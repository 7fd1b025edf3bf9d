package org.panamind.stage.spo;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.panamind.stage.rl.PolicyPresets;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/**
 * {@code host --stage spo}: a decoder learns from single answers, each judged by what its prompt
 * was worth before.
 */
@Extension
public final class SpoStage implements TrainingStage<SpoConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of(
          "batch_size", "64",
          "accumulation_steps", "1",
          "learning_rate", "1e-4",
          "epochs", "10",
          "max_steps", "60");

  @Override
  public String name() {
    return "spo";
  }

  @Override
  public String summary() {
    return "trains a decoder by the rewards of single answers against what prompts were worth";
  }

  @Override
  public Class<SpoConfig> config() {
    return SpoConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    var preset = new HashMap<>(PolicyPresets.of(given, SAMPLE_PRESET));
    if (PolicyPresets.isCompat(given)) preset.put("beta", "0.02");
    if (given.get("data_path") != null && given.get("reward") == null) {
      preset.put("reward_low", "-3");
      preset.put("reward_high", "3");
    }
    return preset;
  }

  @Override
  public TrainingOptions training(SpoConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return PolicyPresets.departures(
        new Departure(
            "value tracker",
            "one for each prompt, first filled from --offline_samples answers",
            "one for all prompts, which begins at one half"),
        new Departure(
            "what a tracker forgets",
            "by how much the log-probability of the prompt's own last answer has changed",
            "by the difference of two batches' mean log-probabilities, of different prompts"),
        new Departure(
            "advantages",
            "rewards from 0 to 1 less the value, normalised over the batch of all ranks",
            "rewards less the value times 6 less 3, cut off at 5"),
        new Departure(
            "loss",
            "clipped ratio, mean over tokens",
            "log-probability times advantage, mean over each answer's tokens, then over answers"),
        new Departure(
            "prompts", "drawn by how uncertain their value is", "in a shuffled order, each once"));
  }

  @Override
  public TrainingRun<?> open(SpoConfig config, TrainingContext context) {
    return config.training().compat() == Compat.NONE
        ? SpoRun.open(config, context)
        : MiniMindSpoRun.open(config, context);
  }
}
