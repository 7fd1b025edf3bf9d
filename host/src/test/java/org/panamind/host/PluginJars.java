package org.panamind.host;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Builds stage plugins as their authors would: javac, PF4J's annotation processor, a jar. */
public final class PluginJars {
  /** A stage that prints its config, or fails as it is told. */
  private static final String ECHO =
      """
      package org.panamind.stage.NAME;

      import java.util.Map;
      import org.panamind.stage.*;
      import org.panamind.stage.config.*;

      @org.pf4j.Extension
      public final class EchoStage implements ToolStage<EchoStage.Config> {
        public record Config(
            @Option(help = "samples in a step", unit = "samples", group = "Training") int batchSize,
            @Option(help = "peak of the schedule", group = "Training") double learningRate,
            @Option(help = "texts to read", group = "Data") java.nio.file.Path dataPath,
            @Option(help = "mixture of experts", group = "Model") boolean useMoe,
            @Option(help = "what goes wrong: none, io, bug or data") String fault) {
          public static final Config DEFAULT = new Config(8, 5e-4, null, false, null);

          public Config {
            Bounds.atLeast("batch_size", batchSize, 1);
          }
        }

        @Override public String name() { return "NAME"; }

        @Override public String summary() { return "prints what it was given"; }

        @Override public Class<Config> config() { return Config.class; }

        @Override public Map<String, String> preset(Map<String, String> given) {
          return given.containsKey("data_path") ? Map.of() : Map.of("batch_size", "2");
        }

        @Override public void run(Config config, StageContext context) throws java.io.IOException {
          if ("io".equals(config.fault())) {
            java.nio.file.Files.readString(java.nio.file.Path.of("/nowhere/at/all"));
          }
          if ("bug".equals(config.fault())) {
            throw new IllegalStateException("an invariant");
          }
          if ("data".equals(config.fault())) {
            throw new org.panamind.dataset.DataException("a.jsonl:7: not JSON");
          }
          try (Progress progress = context.console().progress("echo", 40, "step")) {
            for (int step = 1; step <= 40; step++) {
              progress.update(step, "loss " + step);
            }
          }
          context.console().info("echo " + config + " seed " + context.seed());
        }
      }
      """;

  private final Path folder;

  /** Puts its jars into a folder. */
  public PluginJars(Path folder) {
    this.folder = folder;
  }

  /** The folder of the jars. */
  public Path folder() {
    return folder;
  }

  /** Adds a good stage of this name. */
  public Path stage(String name) throws IOException {
    return jar(name + ".jar", manifest(name), compile("EchoStage", ECHO.replace("NAME", name)));
  }

  /** The main attributes of a good plugin. */
  public static Map<String, String> manifest(String id) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("Plugin-Id", id);
    attributes.put("Plugin-Version", "1.2.3");
    attributes.put("Plugin-Requires", ">=0.1.0 & <0.2.0");
    return attributes;
  }

  /** The source of a good stage. */
  public static String echoSource(String name) {
    return ECHO.replace("NAME", name);
  }

  /** Adds a jar of any content. */
  public Path jar(String file, Map<String, String> attributes, Map<String, byte[]> entries)
      throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.forEach(manifest.getMainAttributes()::putValue);
    Path path = folder.resolve(file);
    try (OutputStream out = Files.newOutputStream(path);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        jar.putNextEntry(new JarEntry(entry.getKey()));
        jar.write(entry.getValue());
      }
    }
    return path;
  }

  /** Compiles one source with annotation processing; gives the files of a jar. */
  public static Map<String, byte[]> compile(String type, String source) throws IOException {
    Path classes = Files.createTempDirectory("plugin-classes");
    var file =
        new SimpleJavaFileObject(
            URI.create("string:///" + type + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "-d", classes.toString(), "-proc:full", "-cp", System.getProperty("java.class.path"));
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(Writer.nullWriter(), null, null, options, null, List.of(file))
            .call();
    if (!compiled) {
      throw new IllegalStateException("the source of the test's plugin does not compile");
    }
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path path : files.filter(Files::isRegularFile).sorted().toList()) {
        entries.put(classes.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return entries;
  }
}
