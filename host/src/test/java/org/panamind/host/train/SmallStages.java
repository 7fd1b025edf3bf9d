package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.dataset.sample.SampleFiles;

/**
 * Every stage that trains, as {@link SmallPretrain} has the first: as many rows, micro-batches and
 * updates, on made-up conversations, from weights that hardly know anything.
 */
final class SmallStages {
  /** Those beside pretraining. */
  private static final Map<String, SampleChats> DATA =
      Map.of(
          "sft", SampleChats.SFT,
          "lora", SampleChats.LORA_IDENTITY,
          "dpo", SampleChats.DPO,
          "distill", SampleChats.SFT,
          "distill_reason", SampleChats.DISTILL_REASON,
          "grpo", SampleChats.RLAIF,
          "spo", SampleChats.RLAIF,
          "ppo", SampleChats.RLAIF);

  private static final Map<String, String> OUTPUTS =
      Map.of(
          "sft", "full_sft_16",
          "lora", "lora/lora_identity_16",
          "dpo", "dpo_16",
          "distill", "full_dist_16",
          "distill_reason", "reason_16",
          "grpo", "grpo_16",
          "spo", "spo_16",
          "ppo", "ppo_actor_16");

  private static final int ROWS = 76;
  private static final long SEED = 3;

  private SmallStages() {}

  /** A stage by its name; writes its data, tokenizer and first weights to the folder. */
  static SmallRuns in(Path folder, String stage) throws IOException {
    SmallRuns pretrain = SmallPretrain.in(folder);
    if (stage.equals("pretrain")) return pretrain;
    var sample = SampleFiles.write(folder, DATA.get(stage), SEED, ROWS, 4);
    List<String> lines = Files.readAllLines(sample.training());
    BpeTrainer.ofSize(300).train(lines.iterator()).writeTo(folder.resolve("tokenizer"));
    var first = pretrain.run("first", "--max_steps", "2");
    assertEquals(0, first.code(), first.err());
    Files.move(sample.training(), pretrain.data(), StandardCopyOption.REPLACE_EXISTING);
    var flags = new LinkedHashMap<>(pretrain.flags());
    for (String size :
        List.of("--num_hidden_layers", "--num_attention_heads", "--num_key_value_heads"))
      flags.remove(size);
    flags.put("--val_path", sample.heldOut().toString());
    flags.put("--from_weight", pretrain.weights("first").toString());
    flags.put("--max_seq_len", "160");
    flags.putAll(own(stage, flags));
    if (stage.equals("distill"))
      List.of("--from_weight", "--hidden_size", "--dropout").forEach(flags::remove);
    return new SmallRuns(folder, stage, OUTPUTS.get(stage), flags);
  }

  private static Map<String, String> own(String stage, Map<String, String> flags) {
    return switch (stage) {
      case "distill" ->
          Map.of(
              "--from_teacher_weight", flags.get("--from_weight"),
              "--teacher_hidden_size", "16",
              "--from_student_weight", "none",
              "--student_hidden_size", "16",
              "--student_num_layers", "1",
              "--student_num_attention_heads", "2");
      case "grpo" -> answers("--num_generations", "2");
      case "spo" -> answers("--offline_samples", "2");
      case "ppo" -> answers("--ppo_epochs", "1");
      default -> Map.of();
    };
  }

  private static Map<String, String> answers(String flag, String value) {
    return Map.of(
        "--reward",
        "rules:repetition:2,ended",
        "--reasoning",
        "0",
        "--max_gen_len",
        "16",
        "--temperature",
        "1",
        flag,
        value);
  }

  /** Answers whose rewards differ even though the model hardly knows anything. */
  private static Map<String, String> answers(Map<String, String> more) {
    var flags = new LinkedHashMap<>(more);
    flags.put("--reward", "rules:repetition:2,ended");
    flags.put("--reasoning", "0");
    flags.put("--max_gen_len", "16");
    flags.put("--temperature", "1");
    return flags;
  }
}
