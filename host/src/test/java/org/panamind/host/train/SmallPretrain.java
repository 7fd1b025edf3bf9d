package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.host.HostCall;

/**
 * {@code host --stage pretrain} on a text of its own with a very small model, in a folder: 10
 * updates an epoch of 4 micro-batches of 2 rows, the last one of 2; two epochs; dropout on.
 */
final class SmallPretrain {
  static final int UPDATES = 20;
  static final String NAME = "pretrain_16";

  /** The jars that the plugins' build has gathered; it comes before the host's. */
  private static final Path PLUGINS = Path.of("../plugins/target/jars").toAbsolutePath();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DOCUMENTS = 76;
  private static final List<String> WORDS =
      List.of("river", "stone", "and", "the", "a", "bird", "sings", "runs", "blue", "slowly");

  private final Path folder;

  SmallPretrain(Path folder) throws IOException {
    assertTrue(Files.isDirectory(PLUGINS), PLUGINS + " is missing: build with mvn verify");
    this.folder = folder;
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
    Files.write(data(), lines);
    Files.write(folder.resolve("val.jsonl"), lines.subList(0, 4));
    BpeTrainer.ofSize(265).train(texts.iterator()).writeTo(folder.resolve("tokenizer"));
  }

  Path data() {
    return folder.resolve("data.jsonl");
  }

  /** Where a run of this name writes. */
  Path out(String run) {
    return folder.resolve(run);
  }

  Path weights(String run) {
    return out(run).resolve(NAME + ".safetensors");
  }

  Path metrics(String run) {
    return out(run).resolve(NAME).resolve("metrics.jsonl");
  }

  Path checkpoints(String run) {
    return folder.resolve(run + "-checkpoints").resolve(NAME);
  }

  /** The command line of a run; flags given replace those of the same name. */
  List<String> command(String run, String... flags) {
    var words = new ArrayList<>(List.of("--plugins", PLUGINS.toString(), "--stage", "pretrain"));
    words.addAll(List.of(flags));
    String[][] defaults = {
      {"--data_path", data().toString()},
      {"--val_path", folder.resolve("val.jsonl").toString()},
      {"--tokenizer_path", folder.resolve("tokenizer").toString()},
      {"--save_dir", out(run).toString()},
      {"--checkpoint_dir", folder.resolve(run + "-checkpoints").toString()},
      {"--hidden_size", "16"},
      {"--num_hidden_layers", "1"},
      {"--num_attention_heads", "2"},
      {"--num_key_value_heads", "1"},
      {"--max_seq_len", "24"},
      {"--dropout", "0.1"},
      {"--batch_size", "2"},
      {"--accumulation_steps", "4"},
      {"--epochs", "2"},
      {"--learning_rate", "5e-3"},
      {"--warmup_steps", "3"},
      {"--log_interval", "1"},
      {"--save_interval", "1"},
      {"--eval_interval", "4"},
      {"--device", "cpu"}
    };
    for (String[] flag : defaults) if (!words.contains(flag[0])) words.addAll(List.of(flag));
    return words;
  }

  HostCall run(String run, String... flags) {
    return HostCall.of(command(run, flags).toArray(String[]::new));
  }

  /** A process of its own; what it prints goes to {@code <run>.log}. */
  Process start(String run, String... flags) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xshare:auto", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add("org.panamind.host.Main");
    command.addAll(command(run, flags));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(run).toFile()))
        .start();
  }

  Path log(String run) {
    return folder.resolve(run + ".log");
  }

  /** Rows of the log with what must not depend on stops: no speeds. */
  List<String> rows(String run) throws IOException {
    var rows = new ArrayList<String>();
    for (String line : Files.readAllLines(metrics(run))) {
      JsonNode row = JSON.readTree(line);
      var kept = new StringBuilder();
      for (String key :
          List.of("step", "epoch", "loss", "grad_norm", "learning_rate", "eval_loss")) {
        if (row.has(key)) kept.append(key).append('=').append(row.get(key)).append(' ');
      }
      rows.add(kept.toString());
    }
    return rows;
  }

  List<String> checkpointNames(String run) throws IOException {
    try (var all = Files.list(checkpoints(run))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
