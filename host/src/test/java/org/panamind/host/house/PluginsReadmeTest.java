package org.panamind.host.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.panamind.host.HostCall;

/** The options and compat points in plugins/README.md are those of the stages. */
class PluginsReadmeTest {
  private static final String BEGIN = "<!-- host stages --markdown -->\n";

  @Test
  void tablesAreWhatTheStagesSay() throws IOException {
    Path plugins = Repository.ROOT.resolve("plugins");
    Path jars = plugins.resolve("target/jars");
    assertTrue(Files.isDirectory(jars), jars + " is missing: build with mvn verify");
    String readme = Files.readString(plugins.resolve("README.md"));
    String tables = readme.substring(readme.indexOf(BEGIN) + BEGIN.length());
    HostCall stages = HostCall.of("stages", "--markdown", "--plugins", jars.toString());
    assertEquals(0, stages.code(), stages.err());
    assertEquals(
        stages.out().strip(),
        tables.strip(),
        "replace what follows the mark in plugins/README.md by what host stages --markdown prints");
  }

  @Test
  void everyRewardIsExplained() throws IOException {
    Path plugins = Repository.ROOT.resolve("plugins");
    String readme = Files.readString(plugins.resolve("README.md"));
    HostCall stages = HostCall.of("stages", "--plugins", plugins.resolve("target/jars").toString());
    String rewards = stages.out().substring(stages.out().indexOf("\nrewards for --reward"));
    List<String> names =
        Pattern.compile("(?m)^  (\\w+) ").matcher(rewards).results().map(r -> r.group(1)).toList();
    assertTrue(names.contains("rules"), rewards);
    for (String name : names) assertTrue(readme.contains("| `" + name + "`"), name);
  }
}
