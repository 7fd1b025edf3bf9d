package org.panamind.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script bin/host, in a repository of its own whose Maven is a script of the test's. */
class LauncherScriptTest {
  private static final String PROGRAM =
      """
      public final class Program {
        public static void main(String[] args) {
          System.out.println(String.join("|", args) + " " + System.getProperty("panamind.columns"));
          System.exit(args.length > 0 && args[0].equals("fail") ? 64 : 0);
        }
      }
      """;

  @TempDir Path root;
  private Path source;

  @BeforeEach
  void makeARepository() throws IOException {
    for (String folder : List.of("native", "bindings", "dataset", "model", "plugins", "host/bin")) {
      Files.createDirectories(root.resolve(folder));
    }
    Path script = root.resolve("host/bin/host");
    Files.copy(Path.of("bin/host"), script, StandardCopyOption.COPY_ATTRIBUTES);
    Files.createFile(root.resolve("pom.xml"));
    source = Files.createDirectories(root.resolve("model/src/main/java")).resolve("A.java");
    Files.createFile(source);
    new PluginJars(root)
        .jar(
            "panamind-host-1.jar",
            Map.of("Main-Class", "Program"),
            PluginJars.compile("Program", PROGRAM));
    executable(root.resolve("native/setup.sh"), "");
    executable(
        tools().resolve("mvn"),
        """
        echo "[INFO] Building Panamind: host 1 [1/1]"
        echo built >>"%1$s/builds"
        if [ -e "%1$s/broken" ]; then echo "[ERROR] a.cpp:3: no such thing"; exit 1; fi
        mkdir -p host/target/dist/lib && cp panamind-host-1.jar host/target/dist/lib/
        """
            .formatted(root));
  }

  @Test
  void buildsOnceAndThenRunsFromAnyFolder() throws Exception {
    Call first = call("a b", "--x=1");
    assertEquals(0, first.code(), first.err());
    assertEquals("a b|--x=1 0\n", first.out());
    assertTrue(first.err().startsWith("host: building, since it is not built yet; "), first.err());
    assertTrue(first.err().endsWith("host: Building Panamind: host 1 [1/1]\n"), first.err());
    assertEquals(new Call(0, "c 0\n", ""), call("c"));
    assertEquals(1, builds());
  }

  @Test
  void buildsAgainWhenASourceIsNewer() throws Exception {
    call("a");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
    Call second = call("b");
    assertTrue(
        second.err().startsWith("host: building, since model/src/main/java/A.java has changed; "),
        second.err());
    assertEquals(2, builds());
  }

  @Test
  void handsTheExitCodeOn() throws Exception {
    assertEquals(64, call("fail").code());
  }

  @Test
  void handsChineseTextOnInAnyLocale() throws Exception {
    // Written to a file: this JVM's own locale may not be able to hand it on.
    Path typed = root.resolve("typed");
    executable(typed, "exec \"%s/host/bin/host\" 从前\n".formatted(root));
    assertEquals("从前 0\n", run(typed, systemPath()).out());
  }

  @Test
  void runsThroughASymbolicLink() throws Exception {
    Path link = Files.createSymbolicLink(root.resolve("panamind"), Path.of("host/bin/host"));
    assertEquals("x 0\n", run(link, systemPath(), "x").out());
  }

  @Test
  void showsTheEndOfAFailedBuild() throws Exception {
    Files.createFile(root.resolve("broken"));
    Call call = call("a");
    assertEquals(70, call.code());
    assertTrue(
        call.err().contains("[ERROR] a.cpp:3: no such thing\nerror: the build failed; "),
        call.err());
    assertEquals("", call.out());
    Files.delete(root.resolve("broken"));
    assertEquals(0, call("a").code());
  }

  @Test
  void saysWhichPackageIsMissing() throws Exception {
    Path bare = Files.createDirectories(root.resolve("bare"));
    for (String tool : List.of("dirname", "readlink", "sed")) {
      executable(bare.resolve(tool), "exec /usr/bin/" + tool + " \"$@\"");
    }
    Call call = run(root.resolve("host/bin/host"), bare.toString());
    assertEquals(
        new Call(
            64, "", "error: building needs Maven, and there is none; run: apt-get install maven\n"),
        call);
  }

  private record Call(int code, String out, String err) {}

  private Call call(String... arguments) throws Exception {
    return run(root.resolve("host/bin/host"), systemPath(), arguments);
  }

  private Call run(Path script, String path, String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(script.toString());
    builder.command().addAll(List.of(arguments));
    builder.directory(root.resolve("model").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
    builder.environment().put("PATH", path);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Path err = root.resolve("err");
    Process process = builder.redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Call(process.waitFor(), out, Files.readString(err));
  }

  private String systemPath() throws IOException {
    return tools() + ":/usr/bin:/bin";
  }

  private Path tools() throws IOException {
    return Files.createDirectories(root.resolve("tools"));
  }

  private long builds() throws IOException {
    return Files.readAllLines(root.resolve("builds")).size();
  }

  private static void executable(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
