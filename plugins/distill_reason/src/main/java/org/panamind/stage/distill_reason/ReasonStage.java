package org.panamind.stage.distill_reason;

import java.util.List;
import java.util.Map;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.Extension;

/** {@code host --stage distill_reason}: a decoder learns to think before it answers. */
@Extension
public final class ReasonStage implements TrainingStage<ReasonConfig> {
  private static final Map<String, String> SAMPLE_PRESET =
      Map.of(
          "max_seq_len", "160",
          "batch_size", "32",
          "learning_rate", "1e-3",
          "warmup_steps", "10",
          "save_interval", "1000",
          "epochs", "2");

  @Override
  public String name() {
    return "distill_reason";
  }

  @Override
  public String summary() {
    return "trains a decoder on answers with a thinking block";
  }

  @Override
  public Class<ReasonConfig> config() {
    return ReasonConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    return given.get("data_path") == null ? SAMPLE_PRESET : Map.of();
  }

  @Override
  public TrainingOptions training(ReasonConfig config) {
    return config.training();
  }

  @Override
  public List<Departure> departures() {
    return Departure.ofChats(
        new Departure(
            "what counts --tag_weight times",
            "the tokens that the tags themselves are written with",
            "every token whose id occurs in the encoding of a tag, also in ordinary words"),
        new Departure(
            "what the weighted loss is divided by",
            "the sum of the weights",
            "the number of tokens, so a batch with many tags takes a longer step"));
  }

  @Override
  public TrainingRun<?> open(ReasonConfig config, TrainingContext context) {
    return ReasonRun.open(config, context);
  }
}
