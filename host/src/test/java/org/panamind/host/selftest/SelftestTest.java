package org.panamind.host.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.panamind.host.HostCall;
import org.panamind.stage.golden.GoldenCase;

/** Every golden case in the repository, computed by the installed stages and the host's loop. */
class SelftestTest {
  private static final Path MODULES = Path.of("..").toAbsolutePath().normalize();
  private static final Path PLUGINS = MODULES.resolve("plugins/target/jars");
  private static final Path RESOURCES = Path.of("src/test/resources/golden");

  static List<Path> sets() throws IOException {
    assertTrue(Files.isDirectory(PLUGINS), PLUGINS + " is missing: build with mvn verify");
    try (Stream<Path> stages = Files.list(MODULES.resolve("plugins"))) {
      return Stream.concat(Stream.of(MODULES.resolve("model")), stages.sorted())
          .map(module -> module.resolve(RESOURCES))
          .filter(Files::isDirectory)
          .toList();
    }
  }

  private static HostCall selftest(Path set) {
    return HostCall.of("selftest", "--plugins", PLUGINS.toString(), "--golden", set.toString());
  }

  @ParameterizedTest
  @MethodSource("sets")
  void eachCaseHolds(Path set) throws IOException {
    long cases;
    try (Stream<Path> folders = Files.walk(set)) {
      cases = folders.filter(GoldenCase::isCase).count();
    }
    var call = selftest(set);
    assertEquals(0, call.code(), call.out() + call.err());
    assertEquals(cases, call.out().lines().filter(line -> line.contains(" holds ")).count());
  }

  @Test
  void aCaseWithAnotherLossDoesNotHold(@TempDir Path folder) throws IOException {
    Path recorded = MODULES.resolve("plugins/sft").resolve(RESOURCES).resolve("minimind2/full_sft");
    Path changed = Files.createDirectories(folder.resolve("full_sft"));
    Files.copy(recorded.resolve("init.safetensors"), changed.resolve("init.safetensors"));
    var text = Files.readString(recorded.resolve("expected.json"));
    Files.writeString(
        changed.resolve("expected.json"), text.replaceFirst("(\"loss\": *)4\\.69", "$14.70"));
    var call = selftest(folder);
    assertEquals(70, call.code(), call.out());
    assertTrue(call.out().contains(" FAILS "), call.out());
  }
}
