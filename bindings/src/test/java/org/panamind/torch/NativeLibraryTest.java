package org.panamind.torch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads where the native library or LibTorch cannot be loaded. */
class NativeLibraryTest {
  @TempDir private Path folder;

  /** Uses the bindings by several doors and prints what comes of it. */
  static final class Hopeful {
    private Hopeful() {}

    public static void main(String[] arguments) {
      attempt(() -> Torch.zeros(1));
      attempt(() -> Nn.linear(null, null, null));
      attempt(Torch::version);
      attempt(() -> Generators.seed(1));
    }

    private static void attempt(Runnable use) {
      try {
        use.run();
        System.out.println("worked");
      } catch (NativeLibraryException e) {
        System.out.println("NativeLibraryException: " + e.getMessage());
      }
    }
  }

  /** Meets a null pointer in compiled code, which the virtual machine notices by a signal. */
  static final class Careless {
    private Careless() {}

    private static int length(String text) {
      return text.length();
    }

    public static void main(String[] arguments) {
      Torch.version();
      int total = 0;
      for (int i = 0; i < 100_000; i++) total += length("abc");
      try {
        total += length(arguments.length == 0 ? null : "");
      } catch (NullPointerException e) {
        System.out.println("still here after " + total);
      }
    }
  }

  @Test
  void leavesTheVirtualMachineItsSignals() {
    var child = ChildJvm.run(Careless.class);
    assertEquals("still here after 300000\n", child.output());
    assertEquals(0, child.exitCode());
  }

  private static final String REBUILD = "Run native/setup.sh and mvn -pl native,bindings install.";

  /** Every use fails with the same text. */
  private static String message(ChildJvm child) {
    assertEquals(0, child.exitCode(), child.output());
    // The virtual machine may have warned of its own.
    var lines =
        child.output().lines().filter(line -> line.startsWith("NativeLibraryException")).toList();
    assertEquals(4, lines.size(), child.output());
    assertEquals(1, lines.stream().distinct().count(), child.output());
    return lines.getFirst();
  }

  private static String messageWith(Path library) {
    return message(ChildJvm.run(Hopeful.class, "-Dpanamind.library=" + library));
  }

  private static byte[] library() throws IOException {
    var platform =
        "linux-" + (System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64");
    try (var in =
        NativeLibrary.class.getResourceAsStream("/native/" + platform + "/libpanamind.so")) {
      return in.readAllBytes();
    }
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    var message = messageWith(Path.of("/nonexistent/libpanamind.so"));
    assertEquals(
        "NativeLibraryException: -Dpanamind.library names /nonexistent/libpanamind.so, which is no"
            + " file. Mend it, or leave it out.",
        message);
  }

  @Test
  void aFileThatIsNoLibraryIsNamedWithTheLinkersReason() throws IOException {
    var file = Files.writeString(folder.resolve("libpanamind.so"), "no library ".repeat(100));
    var message = messageWith(file);
    assertTrue(message.contains("from -Dpanamind.library: " + file + ": "), message);
    assertTrue(message.contains("invalid ELF header"), message);
    assertTrue(message.endsWith(REBUILD), message);
  }

  @Test
  void anotherLibraryIsRecognised() {
    var other = Path.of(System.getProperty("java.home"), "lib", "libprefs.so");
    var message = messageWith(other);
    assertTrue(message.contains("has no pm_abi_version, so it is not Panamind's"), message);
    assertTrue(message.endsWith(REBUILD), message);
  }

  @Test
  void aLibraryThatIsNotOnTheClassPathIsAskedFor() {
    var without =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("native"))
            .collect(Collectors.joining(File.pathSeparator));
    var message = message(ChildJvm.run(without, Hopeful.class));
    assertTrue(message.contains("tried resource /native/linux-"), message);
    assertTrue(message.contains("-Dpanamind.library (not set)"), message);
    assertTrue(message.endsWith(REBUILD), message);
  }

  /** The copy asks for a LibTorch of another name, as where LibTorch was removed or upgraded. */
  @Test
  void aLibTorchThatCannotBeFoundIsNamed() throws IOException {
    var text = new String(library(), ISO_8859_1);
    assertTrue(text.contains("libtorch_cpu.so"));
    var file = folder.resolve("libpanamind.so");
    Files.write(file, text.replace("libtorch_cpu.so", "libtorch_dpu.so").getBytes(ISO_8859_1));
    var message = messageWith(file);
    assertTrue(message.contains("libtorch_dpu.so"), message);
    assertTrue(message.contains("cannot open shared object file"), message);
    assertTrue(message.endsWith(REBUILD), message);
  }

  @Test
  void aCopyOfTheRightLibraryWorks() throws IOException {
    var file = Files.write(folder.resolve("libpanamind.so"), library());
    var child = ChildJvm.run(Hopeful.class, "-Dpanamind.library=" + file);
    assertTrue(child.output().startsWith("worked\n"), child.output());
  }

  @Test
  void deniedNativeAccessSaysWhichFlagToPass() {
    // A module that is named takes the right from all others; from 24 on it must be denied as well.
    boolean denies = Runtime.version().feature() >= 24;
    var child =
        ChildJvm.run(
            Hopeful.class,
            "--enable-native-access=java.base",
            denies ? "--illegal-native-access=deny" : "-Xshare:auto");
    var message = message(child);
    assertTrue(message.endsWith("--enable-native-access=ALL-UNNAMED"), message);
  }
}
