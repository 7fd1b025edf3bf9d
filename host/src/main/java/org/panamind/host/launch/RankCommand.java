package org.panamind.host.launch;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.panamind.host.Main;

/** The command line that starts this program again as it was started. */
final class RankCommand {
  private RankCommand() {}

  /**
   * The same java, options, program and arguments.
   *
   * @param columns width of the terminal that the rank may draw on, 0 for none
   */
  static List<String> of(List<String> arguments, int columns) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (var option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // A debugger's port is taken by this process.
      if (!option.startsWith("-agentlib:jdwp")) command.add(option);
    }
    command.add("-Dpanamind.columns=" + columns);
    var path = System.getProperty("java.class.path");
    if (isProgram(path)) {
      command.addAll(List.of("-jar", path));
    } else {
      command.addAll(List.of("-cp", path, Main.class.getName()));
    }
    command.addAll(arguments);
    return command;
  }

  /** Run by -jar, whose manifest grants native access; -cp would not. */
  private static boolean isProgram(String path) {
    if (!path.endsWith(".jar") || path.contains(System.getProperty("path.separator"))) return false;
    try (var jar = new JarFile(path)) {
      var manifest = jar.getManifest();
      return manifest != null
          && Main.class.getName().equals(manifest.getMainAttributes().getValue("Main-Class"));
    } catch (IOException e) {
      return false;
    }
  }
}
