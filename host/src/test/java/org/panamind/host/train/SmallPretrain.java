package org.panamind.host.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.panamind.dataset.bpe.BpeTrainer;

/**
 * Pretraining on a text of its own: 10 updates an epoch of 4 micro-batches of 2 rows, the last one
 * of 2; two epochs; dropout on.
 */
final class SmallPretrain {
  static final int UPDATES = 20;
  private static final int DOCUMENTS = 76;
  private static final List<String> WORDS =
      List.of("river", "stone", "and", "the", "a", "bird", "sings", "runs", "blue", "slowly");

  private SmallPretrain() {}

  /** Writes text and tokenizer to the folder. */
  static SmallRuns in(Path folder) throws IOException {
    var random = new Random(11);
    var texts = new ArrayList<String>();
    for (int i = 0; i < DOCUMENTS; i++) {
      texts.add(
          random
              .ints(3 + random.nextInt(12), 0, WORDS.size())
              .mapToObj(WORDS::get)
              .collect(Collectors.joining(" ")));
    }
    var lines = texts.stream().map(text -> "{\"text\": \"" + text + "\"}").toList();
    Files.write(folder.resolve("data.jsonl"), lines);
    Files.write(folder.resolve("val.jsonl"), lines.subList(0, 4));
    BpeTrainer.ofSize(265).train(texts.iterator()).writeTo(folder.resolve("tokenizer"));
    var flags = new LinkedHashMap<String, String>();
    flags.put("--data_path", folder.resolve("data.jsonl").toString());
    flags.put("--val_path", folder.resolve("val.jsonl").toString());
    flags.put("--tokenizer_path", folder.resolve("tokenizer").toString());
    flags.put("--hidden_size", "16");
    flags.put("--num_hidden_layers", "1");
    flags.put("--num_attention_heads", "2");
    flags.put("--num_key_value_heads", "1");
    flags.put("--max_seq_len", "24");
    flags.put("--dropout", "0.1");
    flags.put("--batch_size", "2");
    flags.put("--accumulation_steps", "4");
    flags.put("--epochs", "2");
    flags.put("--learning_rate", "5e-3");
    flags.put("--warmup_steps", "3");
    flags.put("--log_interval", "1");
    flags.put("--save_interval", "1");
    flags.put("--eval_interval", "4");
    flags.put("--device", "cpu");
    return new SmallRuns(folder, "pretrain", "pretrain_16", flags);
  }
}
