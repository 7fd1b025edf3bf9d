package org.panamind.host.plot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;

/** {@code host plot}: columns of training logs over the steps, as an SVG picture. */
public final class PlotCommand implements Command<PlotCommand.Options> {
  /**
   * What to draw.
   *
   * @param columns of the logs, each in a frame of its own
   * @param smooth rows of a running mean
   * @param out the picture
   */
  public record Options(
      @Option(help = "columns of the logs, a frame for each") List<String> columns,
      @Option(help = "rows of a running mean; 1 draws the rows as they are", unit = "rows")
          int smooth,
      @Option(help = "the picture to write") Path out) {
    static final Options DEFAULT = new Options(List.of("loss"), 1, Path.of("curve.svg"));

    /** Checks the bounds. */
    public Options {
      Bounds.atLeast("smooth", smooth, 1);
      Bounds.require(out != null, "out", "none", "must be a file");
    }
  }

  @Override
  public String name() {
    return "plot";
  }

  @Override
  public String summary() {
    return "draws columns of training logs (out/RUN/metrics.jsonl) as an SVG picture";
  }

  @Override
  public String arguments() {
    return "LOG...";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> logs, HostEnvironment environment)
      throws IOException {
    if (logs.isEmpty())
      throw new ConfigException("name the logs: host plot out/grpo_128/metrics.jsonl ...");
    var frames = new ArrayList<Chart.Frame>();
    for (String column : options.columns()) {
      var curves = new ArrayList<Curve>();
      for (String log : logs) curves.add(Curve.read(file(log), column).smooth(options.smooth()));
      frames.add(new Chart.Frame(column, curves));
    }
    Files.writeString(options.out(), new Chart(frames).svg());
    environment.console().info("wrote " + options.out());
    return ExitCode.OK;
  }

  /** A run's folder stands for the log in it. */
  private static Path file(String log) {
    Path path = Path.of(log);
    return Files.isDirectory(path) ? path.resolve("metrics.jsonl") : path;
  }
}
