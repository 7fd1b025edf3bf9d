package org.panamind.host.plugin;

import java.util.List;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginManager;

/**
 * The packages that host and plugins share. A plugin that brought its own copy would implement
 * another {@code Stage} than the host's, or load the native library a second time.
 */
final class SharedPackages {
  private static final List<String> PREFIXES =
      List.of("org.panamind.", "org.pf4j.", "org.slf4j.", "com.fasterxml.jackson.");

  private SharedPackages() {}

  static boolean holds(String className) {
    return PREFIXES.stream().anyMatch(className::startsWith);
  }

  /** A plugin's loader that asks the host first for shared packages, and itself first otherwise. */
  static final class Loader extends PluginClassLoader {
    Loader(PluginManager manager, PluginDescriptor descriptor, ClassLoader host) {
      super(manager, descriptor, host);
    }

    @Override
    public Class<?> loadClass(String className) throws ClassNotFoundException {
      if (holds(className)) {
        try {
          return getParent().loadClass(className);
        } catch (ClassNotFoundException e) {
          // A stage's own package, org.panamind.stage.<name>, is in its jar alone.
          return super.loadClass(className);
        }
      }
      return super.loadClass(className);
    }
  }
}
