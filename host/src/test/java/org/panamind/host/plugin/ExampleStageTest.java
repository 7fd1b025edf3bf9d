package org.panamind.host.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.dataset.sample.SampleFiles;
import org.panamind.host.HostCall;
import org.panamind.host.PluginJars;

/**
 * The stage outside the repository's build: compiled against the class path alone, its jar dropped
 * into a plugin folder, run through the command line.
 */
class ExampleStageTest {
  private static final Path EXAMPLE =
      Path.of("../plugins/example-kto").toAbsolutePath().normalize();
  private static final Path STAGES = Path.of("../plugins/target/jars").toAbsolutePath().normalize();
  private static final Pattern ENTRY = Pattern.compile("<(Plugin-[A-Za-z]+)>(.*?)</\\1>");

  @TempDir Path folder;

  @Test
  void aJarFromOutsideIsAStageLikeTheOthers() throws IOException {
    var jars = new PluginJars(Files.createDirectory(folder.resolve("plugins")));
    jars.jar("stage-kto.jar", manifest(), compiled());
    Path pretrain = STAGES.resolve("panamind-stage-pretrain-0.1.0-SNAPSHOT.jar");
    Files.copy(pretrain, jars.folder().resolve("pretrain.jar"));
    SampleFiles.write(folder, SampleChats.DPO, 3, 16, 4);
    host(
        jars,
        "pretrain",
        "--hidden_size",
        "16",
        "--num_hidden_layers",
        "1",
        "--num_attention_heads",
        "2",
        "--batch_size",
        "8");
    String pairs = folder.resolve("dpo.jsonl").toString();
    host(
        jars,
        "kto",
        "--data_path",
        pairs,
        "--from_weight",
        "pretrain",
        "--learning_rate",
        "1e-3",
        "--beta",
        "0.5");
    assertTrue(Files.exists(folder.resolve("out/kto_16.safetensors")));
    var rows = Files.readAllLines(folder.resolve("out/kto_16/metrics.jsonl"));
    assertTrue(rows.getFirst().contains("\"loss\":0.5"), "policy and reference begin alike");
    assertTrue(rows.getFirst().contains("\"kl\":"), rows.getFirst());
    assertTrue(host(jars, "kto", "--help").out().contains("--desirable_weight NUMBER"));
  }

  private HostCall host(PluginJars jars, String stage, String... flags) {
    var words = new ArrayList<>(List.of("--plugins", jars.folder().toString(), "--stage", stage));
    words.addAll(
        List.of(
            "--save_dir",
            folder.resolve("out").toString(),
            "--checkpoint_dir",
            folder.resolve("checkpoints").toString(),
            "--device",
            "cpu",
            "--max_steps",
            "3",
            "--log_interval",
            "1"));
    words.addAll(Arrays.asList(flags));
    HostCall call = HostCall.of(words.toArray(String[]::new));
    assertEquals(0, call.code(), call.err());
    return call;
  }

  /** What the example's own pom writes into its jar. */
  private static Map<String, String> manifest() throws IOException {
    var attributes = new LinkedHashMap<String, String>();
    var pom = Files.readString(EXAMPLE.resolve("pom.xml"));
    for (MatchResult entry : ENTRY.matcher(pom).results().toList()) {
      String value = entry.group(2).replaceFirst("^<!\\[CDATA\\[(.*)]]>$", "$1");
      attributes.put(entry.group(1), value.replace("${project.version}", "0.1.0"));
    }
    return attributes;
  }

  private Map<String, byte[]> compiled() throws IOException {
    Path classes = Files.createDirectory(folder.resolve("classes"));
    var words =
        new ArrayList<>(
            List.of(
                "--release",
                "22",
                "-proc:full",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    words.addAll(files(EXAMPLE.resolve("src/main/java")).map(Path::toString).toList());
    var compiler = ToolProvider.getSystemJavaCompiler();
    assertEquals(0, compiler.run(null, null, null, words.toArray(String[]::new)));
    var entries = new LinkedHashMap<String, byte[]>();
    for (Path file : files(classes).toList())
      entries.put(classes.relativize(file).toString(), Files.readAllBytes(file));
    return entries;
  }

  private static Stream<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).sorted().toList().stream();
    }
  }
}
