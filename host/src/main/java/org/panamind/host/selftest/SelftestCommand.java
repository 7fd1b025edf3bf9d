package org.panamind.host.selftest;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.host.train.LoopTrainer;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.config.Option;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.torch.Device;
import org.panamind.torch.Torch;

/**
 * {@code host selftest}: whether this machine's LibTorch computes what MiniMind's own code
 * computed.
 */
public final class SelftestCommand implements Command<SelftestCommand.Options> {
  /** Cases lie in a set, or in folders of a generation within a set. */
  private static final int DEPTH = 3;

  /**
   * What to test.
   *
   * @param golden folder of a golden set, or null for the one that is installed
   * @param cases names of cases, or null for all
   * @param device where to compute
   */
  public record Options(
      @Option(help = "folder of golden cases; none takes the set that is installed") Path golden,
      @Option(
              name = "case",
              help = "names of cases, with or without their generation; none takes all")
          List<String> cases,
      @Option(help = "cpu, cuda or cuda:N") String device) {
    static final Options DEFAULT = new Options(null, null, "cpu");
  }

  @Override
  public String name() {
    return "selftest";
  }

  @Override
  public String summary() {
    return "computes golden cases and compares them with MiniMind's own numbers";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment)
      throws IOException {
    Path root = options.golden() == null ? installed() : options.golden();
    List<Path> cases = cases(root, options.cases());
    Device device = Device.parse(options.device());
    List<GoldenCheck> checks =
        new ArrayList<>(environment.stages().get().extensions(GoldenCheck.class));
    checks.add(new ModelGolden(device));
    Console console = environment.console();
    console.info("LibTorch " + Torch.version() + ", " + device.description() + ", " + root);
    int failed = 0;
    for (Path folder : cases) {
      if (!run(folder, root, checks, new LoopTrainer(device), console)) failed++;
    }
    console.info(failed == 0 ? "all hold" : failed + " of " + cases.size() + " cases do not hold");
    return failed == 0 ? ExitCode.OK : ExitCode.INTERNAL;
  }

  private static boolean run(
      Path folder, Path root, List<GoldenCheck> checks, LoopTrainer trainer, Console console) {
    GoldenCase golden = GoldenCase.read(folder);
    String label =
        String.format("%-30s", root.equals(folder) ? golden.name() : root.relativize(folder));
    Optional<GoldenCheck> check =
        checks.stream().filter(each -> each.cases().contains(golden.name())).findFirst();
    if (check.isEmpty()) {
      console.warn(label + " not computed: no installed stage knows this case");
      return true;
    }
    List<Deviation> found = check.get().run(golden, trainer);
    Deviation worst =
        found.stream().max(Comparator.comparingDouble(SelftestCommand::strain)).orElseThrow();
    boolean holds = found.stream().allMatch(Deviation::holds);
    console.info(
        String.format(
            Locale.ROOT,
            "%s %s  %d comparisons, largest error %.2e of %.0e allowed (%s)",
            label,
            holds ? "holds" : "FAILS",
            found.size(),
            worst.error(),
            worst.tolerance(),
            worst.what()));
    return holds;
  }

  /** How much of its tolerance a deviation takes. */
  private static double strain(Deviation deviation) {
    if (Double.isNaN(deviation.error())) return Double.POSITIVE_INFINITY;
    return deviation.tolerance() == 0
        ? (deviation.error() == 0 ? 0 : Double.POSITIVE_INFINITY)
        : deviation.error() / deviation.tolerance();
  }

  private static List<Path> cases(Path root, List<String> names) throws IOException {
    if (!Files.isDirectory(root)) throw new ConfigException("--golden " + root + " is no folder");
    List<Path> found;
    try (Stream<Path> folders = Files.walk(root, DEPTH)) {
      found = folders.filter(GoldenCase::isCase).sorted().toList();
    }
    if (found.isEmpty())
      throw new ConfigException("--golden " + root + " holds no folder with expected.json");
    if (names == null) return found;
    List<Path> chosen = new ArrayList<>();
    for (String name : names) {
      List<Path> matching = found.stream().filter(folder -> folder.endsWith(name)).toList();
      if (matching.isEmpty()) {
        throw new ConfigException(
            "there is no case "
                + name
                + " in "
                + root
                + "; there are "
                + found.stream().map(root::relativize).toList());
      }
      chosen.addAll(matching);
    }
    return chosen;
  }

  /** Beside the host's own jar. */
  private static Path installed() {
    try {
      Path own =
          Path.of(
              SelftestCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return own.resolveSibling("../golden").normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
