package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.host.HostCall;

/**
 * {@code host --stage NAME} with a very small model, in a folder; each run under a name of its own.
 *
 * @param folder of the data and of all runs
 * @param stage its name
 * @param output name of its weights
 * @param flags that stand when a run gives none of the same name
 */
record SmallRuns(Path folder, String stage, String output, Map<String, String> flags) {
  /** The jars that the plugins' build has gathered; it comes before the host's. */
  static final Path PLUGINS = Path.of("../plugins/target/jars").toAbsolutePath();

  private static final ObjectMapper JSON = new ObjectMapper();

  SmallRuns {
    assertTrue(Files.isDirectory(PLUGINS), PLUGINS + " is missing: build with mvn verify");
    flags = new LinkedHashMap<>(flags);
  }

  Path data() {
    return folder.resolve("data.jsonl");
  }

  /** Where a run of this name writes. */
  Path out(String run) {
    return folder.resolve(run);
  }

  Path weights(String run) {
    return out(run).resolve(output + ".safetensors");
  }

  Path metrics(String run) {
    return out(run).resolve(output).resolve("metrics.jsonl");
  }

  Path checkpoints(String run) {
    return folder.resolve(run + "-checkpoints").resolve(output);
  }

  /** Removes all that a run wrote but its log. */
  void forget(String run) throws IOException {
    for (Path written : List.of(out(run), checkpoints(run).getParent())) {
      if (!Files.exists(written)) continue;
      try (var inside = Files.walk(written)) {
        for (Path each : inside.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
      }
    }
  }

  Path log(String run) {
    return folder.resolve(run + ".log");
  }

  /** The command line of a run; flags given replace those of the same name. */
  List<String> command(String run, String... given) {
    var words = new ArrayList<>(List.of("--plugins", PLUGINS.toString(), "--stage", stage));
    words.addAll(List.of(given));
    var defaults = new LinkedHashMap<>(flags);
    defaults.put("--save_dir", out(run).toString());
    defaults.put("--checkpoint_dir", folder.resolve(run + "-checkpoints").toString());
    defaults.forEach(
        (name, value) -> {
          if (!words.contains(name)) words.addAll(List.of(name, value));
        });
    return words;
  }

  /** Runs in this process. */
  HostCall run(String run, String... given) {
    return HostCall.of(command(run, given).toArray(String[]::new));
  }

  /** A process of its own; what it prints goes to {@code <run>.log}. */
  Process start(String run, String... given) throws IOException {
    return start(run, Map.of(), given);
  }

  /** The same with variables of its environment. */
  Process start(String run, Map<String, String> environment, String... given) throws IOException {
    return startUnder(List.of(), run, environment, given);
  }

  /** The same as an argument of another program. */
  Process startUnder(
      List<String> program, String run, Map<String, String> environment, String... given)
      throws IOException {
    var command = new ArrayList<>(program);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Quick to start rather than to run.
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.panamind.host.Main");
    command.addAll(command(run, given));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(run).toFile())).start();
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
