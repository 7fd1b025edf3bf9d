package org.panamind.host.house;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files that the rules of the house are checked on. */
final class Repository {
  /** Build outputs, version control, and the package that jextract writes. */
  private static final Set<String> LEFT_OUT =
      Set.of("target", ".git", "ffi", "node_modules", "out");

  /** Surefire runs tests in their module's folder. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private Repository() {}

  /** All Java files of the project, sorted. */
  static List<Path> javaFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean left = LEFT_OUT.contains(folder.getFileName().toString());
            return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return files;
  }

  /** The Java files that are shipped. */
  static List<Path> mainFiles() throws IOException {
    return javaFiles().stream().filter(file -> file.toString().contains("/src/main/")).toList();
  }

  /** The folders with a pom.xml and Java sources, relative to the root: {@code plugins/api}. */
  static List<Path> modules() throws IOException {
    try (Stream<Path> folders = Files.walk(ROOT, 2)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("pom.xml")))
          .filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
          .filter(folder -> !folder.getFileName().toString().startsWith("example"))
          .map(ROOT::relativize)
          .sorted()
          .toList();
    }
  }
}
