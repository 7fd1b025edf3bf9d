package org.panamind.host.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.panamind.stage.ApiVersion;
import org.pf4j.VersionManager;

/**
 * What a jar says of itself, examined before any of its code is loaded.
 *
 * @param path the file
 * @param id {@code Plugin-Id} of its manifest
 * @param version {@code Plugin-Version}
 */
record PluginJar(Path path, String id, String version) {
  private static final String EXTENSIONS = "META-INF/extensions.idx";

  /**
   * Examines a jar.
   *
   * @param host the loader whose classes a plugin must not bring again
   * @throws RefusedPluginException if it is unreadable, is no plugin, needs another API version, or
   *     holds classes of the host
   */
  static PluginJar examine(Path path, ClassLoader host, VersionManager versions)
      throws RefusedPluginException {
    try (JarFile jar = new JarFile(path.toFile())) {
      Manifest manifest = jar.getManifest();
      if (manifest == null) {
        throw new RefusedPluginException("is no plugin: it has no manifest");
      }
      PluginJar plugin =
          new PluginJar(
              path, required(manifest, "Plugin-Id"), required(manifest, "Plugin-Version"));
      requireApi(required(manifest, "Plugin-Requires"), versions);
      requireOwnClassesOnly(jar, host);
      if (jar.getEntry(EXTENSIONS) == null) {
        throw new RefusedPluginException(
            "has no "
                + EXTENSIONS
                + ": annotate the stage with @Extension and compile with <proc>full</proc>");
      }
      return plugin;
    } catch (IOException e) {
      throw new RefusedPluginException("cannot be read as a jar: " + e.getMessage(), e);
    }
  }

  private static String required(Manifest manifest, String name) throws RefusedPluginException {
    String value = manifest.getMainAttributes().getValue(new Attributes.Name(name));
    if (value == null || value.isBlank()) {
      throw new RefusedPluginException("is no plugin: its manifest has no " + name);
    }
    return value;
  }

  private static void requireApi(String constraint, VersionManager versions)
      throws RefusedPluginException {
    boolean fits;
    try {
      fits = versions.checkVersionConstraint(ApiVersion.CURRENT, constraint);
    } catch (RuntimeException e) {
      throw new RefusedPluginException("its Plugin-Requires is no version range: " + constraint, e);
    }
    if (!fits) {
      throw new RefusedPluginException(
          "needs stage API %s, this host has %s; build it against this version"
              .formatted(constraint, ApiVersion.CURRENT));
    }
  }

  private static void requireOwnClassesOnly(JarFile jar, ClassLoader host)
      throws RefusedPluginException {
    Optional<String> foreign =
        jar.stream()
            .map(JarEntry::getName)
            .filter(name -> name.endsWith(".class"))
            .filter(name -> SharedPackages.holds(name.replace('/', '.')))
            .filter(name -> host.getResource(name) != null)
            .findFirst();
    if (foreign.isPresent()) {
      throw new RefusedPluginException(
          "holds "
              + foreign.get()
              + ", which the host brings; give that dependency the scope provided");
    }
  }
}
