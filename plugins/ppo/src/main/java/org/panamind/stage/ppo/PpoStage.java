package org.panamind.stage.ppo;

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
 * {@code host --stage ppo}: a decoder learns from the rewards of its own answers, token by token
 * against a critic.
 */
@Extension
public final class PpoStage implements TrainingStage<PpoConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of(
          "batch_size", "64",
          "mini_batch_size", "32",
          "learning_rate", "1e-4",
          "critic_learning_rate", "5e-4",
          "clip_epsilon", "0.2",
          "epochs", "10",
          "max_steps", "100");

  @Override
  public String name() {
    return "ppo";
  }

  @Override
  public String summary() {
    return "trains a decoder by the rewards of its own answers, token by token against a critic";
  }

  @Override
  public Class<PpoConfig> config() {
    return PpoConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    return PolicyPresets.of(given, SAMPLE_PRESET);
  }

  @Override
  public TrainingOptions training(PpoConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return PolicyPresets.departures(
        new Departure(
            "ratio",
            "of each token, to the weights that drew it",
            "of each answer, to a copy of every --update_old_actor_freq batches"),
        new Departure(
            "advantage",
            "generalised estimation over the tokens, whitened over the batch of all ranks",
            "the reward less the critic's value of the last token, which has seen the answer"),
        new Departure(
            "updates",
            "--ppo_epochs passes in parts of --mini_batch_size, left at --target_kl",
            "one for each batch"),
        new Departure(
            "divergence from the reference",
            "in the reward of each token (--kl_form)",
            "log p - log q in the loss, whose expected gradient is 0"),
        new Departure(
            "answers that were cut off",
            "get no reward, the critic's value stands for what is to come",
            "are scored as if finished"),
        new Departure("critic", "final norm once, value clipped", "final norm twice"));
  }

  @Override
  public TrainingRun<?> open(PpoConfig config, TrainingContext context) {
    return config.training().compat() == Compat.NONE
        ? PpoRun.open(config, context)
        : MiniMindPpoRun.open(config, context);
  }
}
