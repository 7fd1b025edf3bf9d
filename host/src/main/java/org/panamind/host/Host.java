package org.panamind.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.panamind.host.cli.Arguments;
import org.panamind.host.cli.FlagParser;
import org.panamind.host.cli.HelpPage;
import org.panamind.host.console.Logs;
import org.panamind.host.console.StreamConsole;
import org.panamind.host.console.Terminal;
import org.panamind.host.launch.ErrorFile;
import org.panamind.host.launch.LaunchOptions;
import org.panamind.host.launch.LaunchPlan;
import org.panamind.host.launch.Launcher;
import org.panamind.host.plugin.InstalledStage;
import org.panamind.host.plugin.StageCatalog;
import org.panamind.stage.ApiVersion;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.ConfigFile;
import org.panamind.stage.config.ConfigSchema;
import org.panamind.stage.config.Nearest;
import org.panamind.stage.config.OptionSpec;
import org.panamind.stage.train.TrainingStage;
import org.panamind.torch.Device;

/** One call of the program, from its arguments to its exit code. Usable in-process by tests. */
public final class Host {
  private static final ConfigSchema<HostOptions> OWN = ConfigSchema.of(HostOptions.class);

  private final InputStream in;

  /** Of stages that train, beside {@link #OWN}. */
  private static final ConfigSchema<LaunchOptions> LAUNCH = ConfigSchema.of(LaunchOptions.class);

  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private StageCatalog catalog;
  private List<String> words = List.of();

  /**
   * A host that writes results to {@code out}, and errors, warnings and progress to {@code err}.
   */
  public Host(PrintStream out, PrintStream err) {
    this(InputStream.nullInputStream(), out, err);
  }

  /** The same with something to read for commands that ask. */
  public Host(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.terminal = Terminal.detect();
  }

  /**
   * Runs one command line. Nothing is thrown: an error is printed as one line (with its stack trace
   * under {@code --debug}) and mapped to its {@link ExitCode}.
   *
   * @return the exit code of the process
   */
  public int run(String... args) {
    words = List.of(args);
    Arguments arguments = Arguments.of(args);
    boolean debug = arguments.has("debug");
    Logs.showDetails(debug);
    try {
      return dispatch(arguments);
    } catch (Throwable error) {
      ErrorFile.write(System.getenv(), ExitCode.message(error), error);
      return ExitCode.report(error, debug, err);
    } finally {
      if (catalog != null) {
        catalog.close();
      }
    }
  }

  private int dispatch(Arguments arguments) throws IOException {
    Optional<String> command = arguments.takeCommand();
    if (command.isPresent() && !command.get().equals("help")) {
      return command(command.get(), arguments).number();
    }
    Optional<String> stage = arguments.take("stage");
    if (stage.isPresent()) {
      return stage(stage.get(), arguments);
    }
    boolean asked = command.isPresent() || arguments.isEmpty();
    HostOptions own = OWN.build(FlagParser.parse(arguments, OWN.options(), asked).values());
    if (own.version()) {
      out.println(version());
    } else if (asked || own.help()) {
      out.println(overview());
    } else {
      throw new ConfigException("name a stage (--stage NAME) or a command; host --help lists them");
    }
    return ExitCode.OK.number();
  }

  private ExitCode command(String name, Arguments arguments) throws IOException {
    Command<?> command = Commands.named(name).orElseThrow(() -> unknownCommand(name, arguments));
    return command(command, arguments);
  }

  private <C extends Record> ExitCode command(Command<C> command, Arguments arguments)
      throws IOException {
    ConfigSchema<C> schema = ConfigSchema.of(command.options());
    boolean takesWords = !command.arguments().isEmpty();
    Call<C> call = Call.parse(schema, arguments, takesWords, false, UnaryOperator.identity());
    if (call.own().help()) {
      String usage = "host " + command.name() + " " + command.arguments() + " [flags]";
      return help(page(usage.replace("  ", " "), command.summary(), schema.options()));
    }
    C options = call.resolve();
    if (call.own().dryRun()) {
      out.println(schema.toJson(options));
      return ExitCode.OK;
    }
    return command.run(options, call.words(), environment(call.own()));
  }

  private int stage(String name, Arguments arguments) throws IOException {
    return stage(stages(early(arguments)).require(name), arguments);
  }

  private <C extends Record> int stage(InstalledStage<C> installed, Arguments arguments)
      throws IOException {
    ConfigSchema<C> schema = installed.schema();
    boolean trains = installed.stage() instanceof TrainingStage;
    Call<C> call = Call.parse(schema, arguments, false, trains, installed.stage()::preset);
    String preset = call.presetInEffect();
    if (call.own().help()) {
      String usage = "host --stage " + installed.name() + " [flags]";
      String summary = installed.stage().summary();
      String more = preset.isEmpty() ? "" : "; as called, these defaults are replaced: " + preset;
      List<OptionSpec> options = new ArrayList<>(schema.options());
      options.addAll(trains ? LAUNCH.options() : List.of());
      return help(page(usage, summary + more, options).departures(installed.stage())).number();
    }
    C config = call.resolve();
    if (call.own().dryRun()) {
      Map<String, Object> values = schema.values(config);
      if (trains) values.putAll(LAUNCH.values(call.launch()));
      out.println(ConfigFile.write(values));
      return ExitCode.OK.number();
    }
    LaunchPlan plan = plan(installed, config, call.launch());
    if (plan instanceof LaunchPlan.Spawn spawn) {
      return launch(spawn);
    }
    HostEnvironment environment = environment(call.own()).forRank(plan);
    if (!preset.isEmpty()) {
      environment.console().info("preset of " + installed.name() + ": " + preset);
    }
    return StageRunner.run(installed, config, plan, call.launch(), environment).number();
  }

  private static <C extends Record> LaunchPlan plan(
      InstalledStage<C> installed, C config, LaunchOptions flags) {
    if (!(installed.stage() instanceof TrainingStage<C> stage)) {
      return new LaunchPlan.Alone();
    }
    String device = stage.training(config).device();
    boolean cuda = device == null || device.startsWith("cuda");
    return LaunchPlan.of(flags, System.getenv(), () -> cuda ? Device.cudaCount() : 0);
  }

  private int launch(LaunchPlan.Spawn plan) {
    try {
      return new Launcher(plan, words, out, err, terminal).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.TERMINATED.number();
    }
  }

  /**
   * What must be known before the flags can be read, since the stage decides what flags there are.
   */
  private static HostOptions early(Arguments arguments) {
    return arguments
        .peek("plugins")
        .map(folder -> OWN.build(Map.of("plugins", folder)))
        .orElse(HostOptions.DEFAULT);
  }

  private HostEnvironment environment(HostOptions own) {
    return new HostEnvironment(
        new StreamConsole(out, err, terminal),
        new Streams(in, out, err),
        terminal.columns(),
        own.debug(),
        () -> stages(own));
  }

  /** Loads the plugins once and says at once which jars were refused. */
  private StageCatalog stages(HostOptions own) {
    if (catalog == null) {
      Path folder = own.plugins() == null ? StageCatalog.defaultFolder() : own.plugins();
      List<String> reserved = new ArrayList<>(List.of("stage"));
      OWN.options().forEach(option -> reserved.add(option.name()));
      catalog = StageCatalog.load(folder, reserved);
      catalog.problems().forEach(problem -> err.println("plugin refused: " + problem));
    }
    return catalog;
  }

  private HelpPage page(String usage, String summary, List<OptionSpec> options) {
    return HelpPage.of(usage, terminal.columns())
        .paragraph(summary)
        .options(options)
        .options(OWN.options());
  }

  private ExitCode help(HelpPage page) {
    out.println(page.text());
    return ExitCode.OK;
  }

  private String overview() {
    Map<String, String> commands = new LinkedHashMap<>();
    Commands.ALL.forEach(command -> commands.put(command.name(), command.summary()));
    return HelpPage.of("host --stage NAME [flags] | host COMMAND [flags]", terminal.columns())
        .paragraph("Trains small language models, stage by stage.")
        .table("Commands", commands)
        .options(OWN.options())
        .paragraph("")
        .paragraph("host stages lists the stages; host --stage NAME --help explains one.")
        .text();
  }

  private ConfigException unknownCommand(String name, Arguments arguments) {
    boolean stage = stages(early(arguments)).stages().stream().anyMatch(s -> s.name().equals(name));
    String hint =
        stage
            ? "; did you mean --stage " + name + "?"
            : Nearest.suggestion(name, Commands.names(), "");
    return new ConfigException(
        "there is no command "
            + name
            + (hint.isEmpty() ? "; host --help lists the commands" : hint));
  }

  private static String version() {
    String built = Host.class.getPackage().getImplementationVersion();
    return "panamind "
        + (built == null ? "development build" : built)
        + ", stage API "
        + ApiVersion.CURRENT
        + ", Java "
        + Runtime.version().feature();
  }

  /**
   * The parsed command line of a stage or command: the host's own flags apart from the rest.
   *
   * @param given what file and flags say of the schema's options, flags above the file
   */
  private record Call<C extends Record>(
      ConfigSchema<C> schema,
      HostOptions own,
      LaunchOptions launch,
      Map<String, String> given,
      List<String> words,
      UnaryOperator<Map<String, String>> preset) {

    static <C extends Record> Call<C> parse(
        ConfigSchema<C> schema,
        Arguments arguments,
        boolean takesWords,
        boolean trains,
        UnaryOperator<Map<String, String>> preset) {
      List<OptionSpec> launching = trains ? LAUNCH.options() : List.of();
      List<OptionSpec> all = new ArrayList<>(schema.options());
      all.addAll(OWN.options());
      all.addAll(launching);
      FlagParser.Flags parsed = FlagParser.parse(arguments, all, takesWords);
      Map<String, String> flags = new LinkedHashMap<>(parsed.values());
      HostOptions own = OWN.build(take(flags, OWN.options()));
      Map<String, String> given = new LinkedHashMap<>();
      if (own.config() != null) {
        ConfigSchema<?>[] keys =
            trains ? new ConfigSchema<?>[] {schema, LAUNCH} : new ConfigSchema<?>[] {schema};
        given.putAll(ConfigFile.read(own.config(), keys));
      }
      given.putAll(flags);
      LaunchOptions launch = LAUNCH.build(take(given, launching));
      return new Call<>(schema, own, launch, given, parsed.words(), preset);
    }

    private static Map<String, String> take(Map<String, String> flags, List<OptionSpec> options) {
      Map<String, String> taken = new LinkedHashMap<>();
      for (OptionSpec option : options) {
        if (flags.containsKey(option.name())) {
          taken.put(option.name(), flags.remove(option.name()));
        }
      }
      return taken;
    }

    /** Defaults, below the preset, below the file, below the flags. */
    C resolve() {
      Map<String, String> values = new LinkedHashMap<>(preset.apply(given));
      values.putAll(given);
      return schema.build(values);
    }

    /** What the stage sets in place of its defaults, since nothing given says otherwise. */
    String presetInEffect() {
      return preset.apply(given).entrySet().stream()
          .filter(value -> !given.containsKey(value.getKey()))
          .map(value -> value.getKey() + "=" + value.getValue())
          .sorted()
          .collect(Collectors.joining(" "));
    }
  }
}
