package org.panamind.host.house;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

class JavadocTest {
  @Test
  void everyPublicTypeAndMethodIsExplained() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> missing = new ArrayList<>();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(Repository.mainFiles()));
      Trees trees = Trees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        new Undocumented(trees, missing).scan(unit, null);
      }
    }
    assertEquals("", String.join("\n", missing));
  }

  @Test
  void everyPackageHasItsMap() throws IOException {
    Set<String> missing = new TreeSet<>();
    for (Path file : Repository.mainFiles()) {
      Path map = file.resolveSibling("package-info.java");
      if (!Files.exists(map)) {
        missing.add(Repository.ROOT.relativize(map).toString());
      }
    }
    assertEquals(Set.of(), missing);
  }

  /** Collects what a reader of the public API finds without a word. */
  private static final class Undocumented extends TreePathScanner<Void, Void> {
    private final Trees trees;
    private final List<String> missing;

    Undocumented(Trees trees, List<String> missing) {
      this.trees = trees;
      this.missing = missing;
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      if (!isPublic(type.getModifiers()) && !isInInterface()) {
        return null;
      }
      check(type.getSimpleName().toString());
      return super.visitClass(type, unused);
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      boolean overrides =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
      boolean constructor = method.getReturnType() == null;
      boolean visible =
          isPublic(method.getModifiers())
              || isInInterface() && !method.getModifiers().getFlags().contains(Modifier.PRIVATE);
      if (visible && !overrides && !constructor) {
        check(method.getName() + "()");
      }
      return null;
    }

    private void check(String name) {
      if (trees.getDocComment(getCurrentPath()) == null) {
        Path file = Path.of(getCurrentPath().getCompilationUnit().getSourceFile().toUri());
        missing.add(Repository.ROOT.relativize(file) + ": " + name);
      }
    }

    private boolean isInInterface() {
      Tree parent = getCurrentPath().getParentPath().getLeaf();
      return parent.getKind() == Tree.Kind.INTERFACE
          || parent.getKind() == Tree.Kind.ANNOTATION_TYPE;
    }

    private static boolean isPublic(ModifiersTree modifiers) {
      return modifiers.getFlags().contains(Modifier.PUBLIC);
    }
  }
}
