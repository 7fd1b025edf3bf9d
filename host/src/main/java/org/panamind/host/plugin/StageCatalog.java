package org.panamind.host.plugin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.panamind.host.launch.LaunchOptions;
import org.panamind.stage.ApiVersion;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Stage;
import org.panamind.stage.config.ConfigSchema;
import org.panamind.stage.config.Nearest;
import org.panamind.stage.config.OptionSpec;
import org.panamind.stage.train.TrainingStage;
import org.pf4j.JarPluginManager;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginLoader;
import org.pf4j.PluginState;
import org.pf4j.PluginWrapper;

/**
 * The stages of one plugin folder. A jar that cannot be used becomes a {@link PluginProblem} and
 * does not keep the others from loading. Owns the plugins' class loaders until {@link #close}.
 */
public final class StageCatalog implements AutoCloseable {
  private static final String STAGE_NAME = "[a-z][a-z0-9_]*";

  /** Flags that the host adds to stages that train. */
  private static final Set<String> LAUNCH =
      ConfigSchema.of(LaunchOptions.class).options().stream()
          .map(OptionSpec::name)
          .collect(Collectors.toUnmodifiableSet());

  private final Path folder;
  private final Set<String> reservedFlags;
  private final JarPluginManager plugins;
  private final List<InstalledStage<?>> stages = new ArrayList<>();
  private final List<Object> others = new ArrayList<>();
  private final List<PluginProblem> problems = new ArrayList<>();
  private final Map<String, Path> jarsById = new HashMap<>();

  private StageCatalog(Path folder, Collection<String> reservedFlags) {
    this.folder = folder;
    this.reservedFlags = Set.copyOf(reservedFlags);
    this.plugins = new JarsOnly(folder);
    plugins.setSystemVersion(ApiVersion.CURRENT);
  }

  /**
   * Loads all jars of a folder in the order of their names.
   *
   * @param folder need not exist; then there are no stages
   * @param reservedFlags option names that a stage may not have, since the host has them
   */
  public static StageCatalog load(Path folder, Collection<String> reservedFlags) {
    StageCatalog catalog = new StageCatalog(folder, reservedFlags);
    for (Path jar : jars(folder)) {
      try {
        catalog.add(jar);
      } catch (RefusedPluginException e) {
        catalog.problems.add(new PluginProblem(jar, e.getMessage()));
      }
    }
    catalog.stages.sort(Comparator.comparing(InstalledStage::name));
    return catalog;
  }

  /**
   * The folder that is used when none is named: {@code -Dpanamind.plugins}, else {@code plugins}
   * beside the folder that the host's own jar lies in.
   */
  public static Path defaultFolder() {
    String named = System.getProperty("panamind.plugins");
    if (named != null) {
      return Path.of(named);
    }
    try {
      Path own =
          Path.of(StageCatalog.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return own.resolveSibling("../plugins").normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The folder that was loaded. */
  public Path folder() {
    return folder;
  }

  /** The stages by name. */
  public List<InstalledStage<?>> stages() {
    return List.copyOf(stages);
  }

  /** What was refused, in the order of the jars' names. */
  public List<PluginProblem> problems() {
    return List.copyOf(problems);
  }

  /**
   * A stage by its name.
   *
   * @throws ConfigException if none is installed by that name; suggests the nearest
   */
  public InstalledStage<?> require(String name) {
    String wanted = name.replace('-', '_');
    return stages.stream()
        .filter(stage -> stage.name().equals(wanted))
        .findFirst()
        .orElseThrow(() -> unknown(name));
  }

  /** The plugins' extensions of a kind that is no stage. */
  public <T> List<T> extensions(Class<T> kind) {
    return others.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Stops the plugins and closes their class loaders; their stages cannot be used any more. */
  @Override
  public void close() {
    plugins.stopPlugins();
    plugins.unloadPlugins();
  }

  private ConfigException unknown(String name) {
    List<String> names = stages.stream().<String>map(InstalledStage::name).toList();
    String installed =
        names.isEmpty()
            ? "; no stage is installed in " + folder
            : "; installed are " + String.join(", ", names);
    return new ConfigException(
        "there is no stage " + name + Nearest.suggestion(name, names, "") + installed);
  }

  private void add(Path path) throws RefusedPluginException {
    ClassLoader host = StageCatalog.class.getClassLoader();
    PluginJar jar = PluginJar.examine(path, host, plugins.getVersionManager());
    Path same = jarsById.putIfAbsent(jar.id(), path);
    if (same != null) {
      throw new RefusedPluginException(
          "has the Plugin-Id " + jar.id() + " of " + same.getFileName() + "; remove one of them");
    }
    try {
      PluginWrapper plugin = start(jar);
      for (String className : new TreeSet<>(plugins.getExtensionClassNames(jar.id()))) {
        Class<?> type = plugin.getPluginClassLoader().loadClass(className);
        Object extension = type.getDeclaredConstructor().newInstance();
        if (extension instanceof Stage<?> stage) {
          stages.add(install(stage, jar));
        } else {
          others.add(extension);
        }
      }
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      Throwable cause =
          e instanceof ReflectiveOperationException && e.getCause() != null ? e.getCause() : e;
      throw new RefusedPluginException("cannot be loaded: " + cause, e);
    }
  }

  private PluginWrapper start(PluginJar jar) throws RefusedPluginException {
    plugins.loadPlugin(jar.path());
    if (plugins.startPlugin(jar.id()) != PluginState.STARTED) {
      Throwable cause = plugins.getPlugin(jar.id()).getFailedException();
      throw new RefusedPluginException("does not start: " + cause, cause);
    }
    return plugins.getPlugin(jar.id());
  }

  private <C extends Record> InstalledStage<C> install(Stage<C> stage, PluginJar jar)
      throws RefusedPluginException {
    String name = stage.name();
    if (name == null || !name.matches(STAGE_NAME)) {
      throw new RefusedPluginException(
          "its stage is named " + name + "; use lower-case letters, digits and underscores");
    }
    Optional<InstalledStage<?>> same =
        stages.stream().filter(other -> other.name().equals(name)).findFirst();
    if (same.isPresent()) {
      throw new RefusedPluginException(
          "has a stage " + name + " as " + same.get().jar().getFileName() + " has; remove one");
    }
    ConfigSchema<C> schema = ConfigSchema.of(stage.config());
    boolean trains = stage instanceof TrainingStage;
    for (OptionSpec option : schema.options()) {
      if (reservedFlags.contains(option.name()) || trains && LAUNCH.contains(option.name())) {
        throw new RefusedPluginException(
            "its stage " + name + " has an option " + option.flag() + ", which is the host's");
      }
    }
    return new InstalledStage<>(stage, name, schema, jar.path(), jar.version());
  }

  private static List<Path> jars(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the plugin folder " + folder + ": " + e, e);
    }
  }

  /** PF4J without zip files, with our packages taken from the host. */
  private static final class JarsOnly extends JarPluginManager {
    JarsOnly(Path folder) {
      super(folder);
    }

    @Override
    protected PluginLoader createPluginLoader() {
      return new PluginLoader() {
        @Override
        public boolean isApplicable(Path path) {
          return Files.isRegularFile(path);
        }

        @Override
        public ClassLoader loadPlugin(Path path, PluginDescriptor descriptor) {
          var loader =
              new SharedPackages.Loader(
                  JarsOnly.this, descriptor, StageCatalog.class.getClassLoader());
          loader.addFile(path.toFile());
          return loader;
        }
      };
    }
  }
}
