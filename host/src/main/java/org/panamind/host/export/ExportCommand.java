package org.panamind.host.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.host.text.LoadedDecoder;
import org.panamind.host.text.ModelChoice;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Option;

/** {@code host export}: writes a trained model in another form. */
public final class ExportCommand implements Command<ExportCommand.Options> {
  /**
   * What to write, and how.
   *
   * @param to the form; none is an error
   * @param model what is written; low-rank weights are added to its own
   * @param target where it is written
   */
  public record Options(
      @Option(help = "hf: a folder for transformers; pth: MiniMind's file; safetensors") Format to,
      ModelChoice model,
      OutputOptions target) {
    static final Options DEFAULT =
        new Options(null, ModelChoice.of("full_sft"), OutputOptions.DEFAULT);
  }

  @Override
  public String name() {
    return "export";
  }

  @Override
  public String summary() {
    return "writes a model as Hugging Face folder, .pth or safetensors";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment)
      throws IOException {
    if (options.to() == null) throw new ConfigException("--to is missing: hf, pth or safetensors");
    options.to().require(options.target());
    try (var model = LoadedDecoder.load(options.model())) {
      Path target = options.target().target(beside(model.source(), options.to()));
      model.mergeAdapters();
      environment.console().info(options.to().write(model, target, options.target()));
      return ExitCode.OK;
    }
  }

  private static Path beside(Path source, Format format) {
    String name = source.getFileName().toString().replaceFirst("\\.(safetensors|pth|pt|bin)$", "");
    return source.resolveSibling(name + format.ending());
  }
}
