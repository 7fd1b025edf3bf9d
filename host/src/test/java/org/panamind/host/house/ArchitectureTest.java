package org.panamind.host.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The table "who may know whom" of the house, on the compiled classes of all modules. */
class ArchitectureTest {
  private static final Set<String> STAGE_KNOWS =
      Set.of("plugins/api", "model", "dataset", "bindings");

  /** Each module with the modules of ours that it may use beside itself. */
  private static final Map<String, Set<String>> KNOWS =
      Map.of(
          "native", Set.of(),
          "bindings", Set.of(),
          "dataset", Set.of(),
          "model", Set.of("bindings"),
          "plugins/api", Set.of("model", "dataset", "bindings"),
          "host", Set.of("plugins/api", "model", "dataset", "bindings"));

  private static final Map<JavaClass, String> MODULE_OF = new HashMap<>();
  private static final Map<String, String> MODULE_OF_NAME = new HashMap<>();

  @BeforeAll
  static void readAllModules() throws IOException {
    for (Path module : Repository.modules()) {
      Path classes = Repository.ROOT.resolve(module).resolve("target/classes");
      assertTrue(Files.isDirectory(classes), module + " is not compiled; run mvn verify");
      for (JavaClass type : new ClassFileImporter().importPath(classes)) {
        MODULE_OF.put(type, module.toString());
        MODULE_OF_NAME.put(type.getName(), module.toString());
      }
    }
    assertTrue(MODULE_OF.containsValue("host") && MODULE_OF.containsValue("plugins/api"));
  }

  @Test
  void modulesKnowOnlyWhomTheyMay() {
    Set<String> violations = new TreeSet<>();
    MODULE_OF.forEach(
        (type, module) -> {
          for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
            JavaClass target = dependency.getTargetClass().getBaseComponentType();
            String other = MODULE_OF_NAME.getOrDefault(target.getName(), module);
            if (!other.equals(module) && !known(module).contains(other)) {
              violations.add(
                  module + " must not know " + other + ": " + dependency.getDescription());
            }
          }
        });
    assertEquals("", String.join("\n", violations));
  }

  @Test
  void onlyTheBindingsUseTheGeneratedPackage() {
    assertNoUse(
        "org.panamind.torch.ffi", type -> !type.getPackageName().startsWith("org.panamind.torch"));
  }

  @Test
  void stagesAndHostLeaveForeignMemoryToTheModulesBelow() {
    assertNoUse(
        "java.lang.foreign",
        type -> {
          String module = MODULE_OF.get(type);
          return module.startsWith("plugins/") || module.equals("host");
        });
  }

  @Test
  void theBindingsNeedNothingButTheJdk() {
    Set<String> foreign = new TreeSet<>();
    MODULE_OF.forEach(
        (type, module) -> {
          if (module.equals("bindings")) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
              String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
              boolean own = target.startsWith("org.panamind.torch") || target.startsWith("java.");
              if (!own && !target.isEmpty()) {
                foreign.add(dependency.getDescription());
              }
            }
          }
        });
    assertEquals(Set.of(), foreign);
  }

  private static void assertNoUse(String packageName, Predicate<JavaClass> forbiddenFor) {
    Set<String> violations = new TreeSet<>();
    MODULE_OF.keySet().stream()
        .filter(forbiddenFor)
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .filter(d -> d.getTargetClass().getPackageName().equals(packageName))
        .forEach(dependency -> violations.add(dependency.getDescription()));
    assertEquals("", String.join("\n", violations));
  }

  private static Set<String> known(String module) {
    return module.startsWith("plugins/") && !module.equals("plugins/api")
        ? STAGE_KNOWS
        : KNOWS.getOrDefault(module, Set.of());
  }
}
