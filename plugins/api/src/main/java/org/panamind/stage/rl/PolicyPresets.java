package org.panamind.stage.rl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.panamind.stage.train.Departure;

/** Defaults and departures that all stages of reinforcement learning share. */
public final class PolicyPresets {
  /** Where MiniMind looks for its reward model. */
  private static final String REWARD_MODEL = "internlm2:../internlm2-1_8b-reward";

  private static final Map<String, String> SAMPLE =
      Map.of(
          "max_seq_len", "128",
          "max_gen_len", "32",
          "temperature", "1",
          "reward", "rules:exact",
          "reasoning", "0",
          "from_weight", "full_sft");

  private PolicyPresets() {}

  /**
   * Defaults that depend on what was given: those for the sample prompts, or MiniMind's reward and
   * weights, and in its compat form its way of drawing.
   *
   * @param sample a stage's own for the sample prompts
   */
  public static Map<String, String> of(Map<String, String> given, Map<String, String> sample) {
    var preset = new HashMap<String, String>();
    if (given.get("data_path") == null) {
      preset.putAll(SAMPLE);
      preset.putAll(sample);
    } else {
      preset.put("reward", REWARD_MODEL);
      if ("0".equals(given.get("reasoning"))) preset.put("from_weight", "full_sft");
    }
    if (isCompat(given)) {
      preset.put("top_k", "50");
      preset.put("weight_decay", "0.01");
    }
    return preset;
  }

  /** Whether MiniMind's forms are asked for. */
  public static boolean isCompat(Map<String, String> given) {
    return given.get("compat") != null && !given.get("compat").equals("none");
  }

  /** Departures of all stages of reinforcement learning, then of this one. */
  public static List<Departure> departures(Departure... own) {
    var all = new ArrayList<>(Departure.common());
    all.add(
        new Departure(
            "drawing and judging",
            "tokens are judged at the temperature that they were drawn at, all of them possible",
            "drawn at --temperature among the 50 likeliest, judged at 1 among all"));
    all.add(
        new Departure(
            "padding before a prompt",
            "is not seen",
            "grpo and spo see it when they learn, though not when they draw"));
    all.add(
        new Departure(
            "learning rate",
            "the first update takes the schedule's first step down",
            "the first update has the peak, as torch's CosineAnnealingLR begins"));
    all.add(new Departure("weight decay", "0", "0.01, AdamW's default in torch"));
    all.addAll(List.of(own));
    return List.copyOf(all);
  }
}
