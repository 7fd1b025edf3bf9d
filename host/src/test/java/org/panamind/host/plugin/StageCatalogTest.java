package org.panamind.host.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.host.HostCall;
import org.panamind.host.PluginJars;
import org.panamind.stage.ApiVersion;
import org.panamind.stage.Stage;

class StageCatalogTest {
  @TempDir Path folder;
  private PluginJars jars;

  @BeforeEach
  void addAGoodStage() throws IOException {
    jars = new PluginJars(folder);
    jars.stage("good");
  }

  @Test
  void loadsAStageWithItsJarsOwnClassesAndTheHostsApi() {
    try (StageCatalog catalog = load()) {
      InstalledStage<?> stage = catalog.require("good");
      assertEquals("1.2.3", stage.version());
      assertEquals(List.of(), catalog.problems());
      assertTrue(stage.stage().getClass().getClassLoader() != Stage.class.getClassLoader());
    }
  }

  @Test
  void hasNoStagesWhereThereIsNoFolder() {
    try (StageCatalog catalog = StageCatalog.load(folder.resolve("none"), List.of())) {
      assertEquals(List.of(), catalog.stages());
    }
  }

  @Test
  void refusesAFileThatIsNoJar() throws IOException {
    Files.writeString(folder.resolve("bad.jar"), "not a zip");
    refuses("cannot be read as a jar: .*");
  }

  @Test
  void refusesATruncatedJar() throws IOException {
    byte[] whole = Files.readAllBytes(folder.resolve("good.jar"));
    Files.write(folder.resolve("bad.jar"), java.util.Arrays.copyOf(whole, whole.length / 2));
    refuses("cannot be read as a jar: .*");
  }

  @Test
  void refusesAJarThatIsNoPlugin() throws IOException {
    jars.jar("bad.jar", Map.of(), Map.of());
    refuses("is no plugin: its manifest has no Plugin-Id");
  }

  @Test
  void refusesAPluginThatDoesNotSayWhichApiItNeeds() throws IOException {
    jars.jar("bad.jar", without("Plugin-Requires"), Map.of());
    refuses("is no plugin: its manifest has no Plugin-Requires");
  }

  @Test
  void refusesAPluginForAnotherApi() throws IOException {
    jars.jar("bad.jar", with("Plugin-Requires", ">=9.0.0"), Map.of());
    refuses("needs stage API >=9.0.0, this host has 0.1.0; build it against this version");
  }

  @Test
  void refusesARangeThatIsNone() throws IOException {
    jars.jar("bad.jar", with("Plugin-Requires", "soon"), Map.of());
    refuses("its Plugin-Requires is no version range: soon");
  }

  @Test
  void refusesAPluginWithTheHostsClasses() throws IOException {
    jars.jar(
        "bad.jar",
        PluginJars.manifest("bad"),
        Map.of("org/panamind/stage/Stage.class", new byte[9]));
    refuses(
        "holds org/panamind/stage/Stage.class, which the host brings; give that dependency the"
            + " scope provided");
  }

  @Test
  void refusesAPluginWithoutExtensions() throws IOException {
    jars.jar("bad.jar", PluginJars.manifest("bad"), Map.of());
    refuses(
        "has no META-INF/extensions.idx: annotate the stage with @Extension and compile with"
            + " <proc>full</proc>");
  }

  @Test
  void refusesASecondJarOfTheSamePlugin() throws IOException {
    jars.jar("zz.jar", PluginJars.manifest("good"), compiled("good"));
    refuses("has the Plugin-Id good of good.jar; remove one of them");
  }

  @Test
  void refusesASecondStageOfTheSameName() throws IOException {
    jars.jar("zz.jar", PluginJars.manifest("other"), compiled("good"));
    refuses("has a stage good as good.jar has; remove one");
  }

  @Test
  void refusesAStageWithAnOptionOfTheHost() throws IOException {
    compiledWith("batchSize", "config");
    refuses("its stage bad has an option --config, which is the host's");
  }

  @Test
  void refusesAStageThatThrowsWhenItIsMade() throws IOException {
    compiledWith(
        "@Override public String name()",
        "public EchoStage() { throw new IllegalArgumentException(\"boom\"); }\n"
            + "@Override public String name()");
    refuses("cannot be loaded: java.lang.IllegalArgumentException: boom");
  }

  @Test
  void refusesAStageWhoseClassIsBroken() throws IOException {
    Map<String, byte[]> entries = new HashMap<>(compiled("bad"));
    entries.put("org/panamind/stage/bad/EchoStage.class", new byte[] {1, 2, 3, 4});
    jars.jar("bad.jar", PluginJars.manifest("bad"), entries);
    refuses("cannot be loaded: java.lang.ClassFormatError: .*");
  }

  @Test
  void refusesAStageWithAnOddName() throws IOException {
    compiledWith("return \"bad\"", "return \"Bad Stage\"");
    refuses("its stage is named Bad Stage; use lower-case letters, digits and underscores");
  }

  @Test
  void statesTheVersionOfTheProject() throws Exception {
    var pom =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("pom.xml").toFile());
    String version = pom.getElementsByTagName("version").item(0).getTextContent();
    assertEquals(version.replace("-SNAPSHOT", ""), ApiVersion.CURRENT);
  }

  private void refuses(String reason) {
    try (StageCatalog catalog = load()) {
      assertEquals(1, catalog.problems().size(), catalog.problems()::toString);
      String actual = catalog.problems().get(0).reason();
      assertTrue(
          Pattern.matches(
              "(?s)" + (reason.endsWith(".*") ? reason : Pattern.quote(reason)), actual),
          actual);
      assertEquals(List.of("good"), catalog.stages().stream().map(InstalledStage::name).toList());
    }
    HostCall call = HostCall.of("stages", "--plugins", folder.toString());
    assertEquals(64, call.code());
    assertEquals(1, call.err().lines().count(), call.err());
    assertTrue(call.out().startsWith("good 1.2.3: "), call.out());
  }

  private StageCatalog load() {
    return StageCatalog.load(folder, List.of("config"));
  }

  private void compiledWith(String old, String replacement) throws IOException {
    String source = PluginJars.echoSource("bad").replace(old, replacement);
    jars.jar("bad.jar", PluginJars.manifest("bad"), PluginJars.compile("EchoStage", source));
  }

  private static Map<String, byte[]> compiled(String name) throws IOException {
    return PluginJars.compile("EchoStage", PluginJars.echoSource(name));
  }

  private static Map<String, String> with(String attribute, String value) {
    Map<String, String> manifest = PluginJars.manifest("bad");
    manifest.put(attribute, value);
    return manifest;
  }

  private static Map<String, String> without(String attribute) {
    Map<String, String> manifest = PluginJars.manifest("bad");
    manifest.remove(attribute);
    return manifest;
  }
}
