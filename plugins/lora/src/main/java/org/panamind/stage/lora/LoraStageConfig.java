package org.panamind.stage.lora;

import java.util.List;
import org.panamind.model.lora.LoraConfig;
import org.panamind.stage.chat.ChatChance;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the lora stage can be told. The defaults are MiniMind2's.
 *
 * @param data the conversations
 * @param chance what is changed in them by chance
 * @param start the weights that stay as they are
 * @param loraName what the adapters are saved as, in {@code <save_dir>/lora}, or null for the name
 *     that the training options give
 * @param loraTarget last parts of the names of layers that get adapters, or null
 * @param loraRank r
 * @param loraAlpha the low-rank part is multiplied by alpha / r, or null for r
 * @param training the loop
 */
public record LoraStageConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Data") ChatChance chance,
    @Option(group = "Model") StartOptions start,
    @Option(
            help = "name of the adapters, saved in lora/ of --save_dir; none takes --save_weight",
            group = "LoRA")
        String loraName,
    @Option(
            help = "layers that get adapters (q_proj,v_proj,...); none takes all square ones",
            group = "LoRA")
        List<String> loraTarget,
    @Option(help = "rank of the adapters", group = "LoRA") int loraRank,
    @Option(
            help = "the low-rank part is multiplied by alpha over the rank; none takes the rank",
            group = "LoRA")
        Double loraAlpha,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind2's. */
  public static final LoraStageConfig DEFAULT =
      new LoraStageConfig(
          DataOptions.of(340),
          ChatChance.DEFAULT,
          StartOptions.from("full_sft"),
          null,
          null,
          8,
          null,
          TrainingOptions.of("lora_identity", 50, 32, 1, 1e-4));

  /** Checks the bounds. */
  public LoraStageConfig {
    Bounds.require(
        loraName == null || loraName.matches("[A-Za-z0-9_.-]+"),
        "lora_name",
        loraName,
        "must be letters, digits, '_', '.' and '-'");
    Bounds.require(start.fromWeight() != null, "from_weight", "none", "must be weights to adapt");
    Bounds.atLeast("lora_rank", loraRank, 1);
    if (loraAlpha != null) Bounds.positive("lora_alpha", loraAlpha);
  }

  /** What the adapters are saved as. */
  String name() {
    return loraName == null ? training.saveWeight() : loraName;
  }

  /** Which layers, which rank, which scale. */
  LoraConfig adapters() {
    return new LoraConfig(
        loraTarget == null ? List.of() : loraTarget,
        loraRank,
        loraAlpha == null ? loraRank : loraAlpha);
  }
}
