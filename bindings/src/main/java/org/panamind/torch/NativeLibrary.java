package org.panamind.torch;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.panamind.torch.ffi.Panamind;

/**
 * Loads the shim once, by absolute path, into the class loader of these bindings, and compares
 * versions. {@code -Dpanamind.library=FILE} names another file than the one on the class path.
 */
final class NativeLibrary {
  static final String PROPERTY = "panamind.library";
  private static final String REBUILD = "Run native/setup.sh and mvn -pl native,bindings install.";

  /** Kept instead of thrown: out of a static initializer it would come as another class's error. */
  private static final NativeLibraryException FAILURE = tryToLoad();

  private NativeLibrary() {}

  /**
   * Stands before every call that does not go through {@link Scratch}: the library is loaded, and
   * this is a platform thread.
   */
  static void enter() {
    if (FAILURE != null) throw new NativeLibraryException(FAILURE.getMessage(), FAILURE);
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "LibTorch's state belongs to platform threads; this is a virtual one");
    }
  }

  private static NativeLibraryException tryToLoad() {
    try {
      load();
      compareVersions();
      return null;
    } catch (NativeLibraryException e) {
      return e;
    }
  }

  private static void load() {
    var named = System.getProperty(PROPERTY);
    if (named != null) {
      loadNamed(named);
      return;
    }
    var resource = "/native/" + platform() + "/libpanamind.so";
    var url = NativeLibrary.class.getResource(resource);
    if (url == null) {
      throw new NativeLibraryException(
          "the native library is not on the class path: tried resource "
              + resource
              + " and -D"
              + PROPERTY
              + " (not set). "
              + REBUILD);
    }
    if (url.getProtocol().equals("file")) {
      load(pathOf(url), "class path");
    } else {
      loadCopy(url);
    }
  }

  private static void loadNamed(String named) {
    Path file;
    try {
      file = Path.of(named).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new NativeLibraryException("-D" + PROPERTY + "=" + named + " is no path", e);
    }
    if (!Files.isRegularFile(file)) {
      throw new NativeLibraryException(
          "-D" + PROPERTY + " names " + file + ", which is no file. Mend it, or leave it out.");
    }
    load(file, "-D" + PROPERTY);
  }

  private static Path pathOf(URL url) {
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new NativeLibraryException("the native library's address " + url + " is no path", e);
    }
  }

  /**
   * A library inside a jar must be a file to be loaded; the copy's name is gone as soon as it is
   * open.
   */
  private static void loadCopy(URL url) {
    try {
      var copy = Files.createTempFile("libpanamind", ".so");
      try (var in = url.openStream()) {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        load(copy, url.toString());
      } finally {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      throw new NativeLibraryException(
          "cannot copy the native library to "
              + System.getProperty("java.io.tmpdir")
              + ": "
              + e.getMessage()
              + ". Name a writable folder with -Djava.io.tmpdir.",
          e);
    }
  }

  private static void load(Path file, String origin) {
    try (var handlers = SignalHandlers.keep()) {
      System.load(file.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new NativeLibraryException(
          "cannot load the native library from " + origin + ": " + e.getMessage() + ". " + REBUILD,
          e);
    } catch (IllegalCallerException e) {
      throw new NativeLibraryException(
          "this JVM denies native access: start it with --enable-native-access=ALL-UNNAMED", e);
    }
  }

  private static void compareVersions() {
    int library;
    try {
      library = Panamind.pm_abi_version();
    } catch (LinkageError e) {
      throw new NativeLibraryException(
          "the native library that was loaded has no pm_abi_version, so it is not Panamind's. "
              + REBUILD,
          e);
    }
    int bindings = Panamind.PM_ABI_VERSION();
    if (library != bindings) {
      throw new NativeLibraryException(
          "the native library speaks ABI "
              + library
              + ", these bindings "
              + bindings
              + ". "
              + REBUILD);
    }
  }

  private static String platform() {
    var os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    var architecture = System.getProperty("os.arch");
    var machine = architecture.equals("amd64") ? "x86_64" : architecture;
    return os + "-" + machine;
  }
}
