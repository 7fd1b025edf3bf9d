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

/** {@code host merge-lora}: plain weights that say what base and low-rank weights say together. */
public final class MergeLoraCommand implements Command<MergeLoraCommand.Options> {
  /**
   * What to merge.
   *
   * @param model base and low-rank weights
   * @param target where the sum is written; its ending chooses the form
   */
  public record Options(ModelChoice model, OutputOptions target) {
    static final Options DEFAULT = new Options(ModelChoice.of("full_sft"), OutputOptions.DEFAULT);
  }

  @Override
  public String name() {
    return "merge-lora";
  }

  @Override
  public String summary() {
    return "adds low-rank weights to their base and writes plain weights";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment)
      throws IOException {
    if (options.model().loraWeight() == null) {
      throw new ConfigException("--lora_weight is missing: a name in --save_dir/lora, or a file");
    }
    try (var model = LoadedDecoder.load(options.model())) {
      Path target = options.target().target(usual(options.model(), model));
      Format format = Format.of(target);
      format.require(options.target());
      model.mergeAdapters();
      environment.console().info(format.write(model, target, options.target()));
      return ExitCode.OK;
    }
  }

  /** A name by which later commands find it as {@code --weight full_sft_lora_identity}. */
  private static Path usual(ModelChoice choice, LoadedDecoder model) {
    String name = stem(choice.weight()) + "_" + stem(choice.loraWeight());
    int hidden = model.decoder().config().hiddenSize();
    return choice.saveDir().resolve(name + "_" + hidden + Format.SAFETENSORS.ending());
  }

  private static String stem(String weight) {
    String file = Path.of(weight).getFileName().toString();
    return file.replaceFirst("(_\\d+)?\\.(safetensors|pth)$", "");
  }
}
