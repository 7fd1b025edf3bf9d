package org.panamind.torch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A run of a main class in a virtual machine of its own.
 *
 * @param exitCode what it ended with
 * @param output standard output and standard error together
 */
record ChildJvm(int exitCode, String output) {
  /** Runs with this test's class path. */
  static ChildJvm run(Class<?> main, String... options) {
    return run(System.getProperty("java.class.path"), main, options);
  }

  static ChildJvm run(String classPath, Class<?> main, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    var given = List.of(options);
    if (given.stream().noneMatch(option -> option.startsWith("--enable-native-access"))) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(given);
    command.addAll(List.of("-cp", classPath, main.getName()));
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the child did not end: " + output);
      }
      return new ChildJvm(process.exitValue(), output);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
