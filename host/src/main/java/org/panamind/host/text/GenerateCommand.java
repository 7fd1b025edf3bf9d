package org.panamind.host.text;

import java.util.List;
import java.util.Locale;
import org.panamind.dataset.tokenizer.StreamingDecoder;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.torch.Generators;

/** {@code host generate}: continues a prompt, whole characters at a time. */
public final class GenerateCommand implements Command<GenerateCommand.Options> {
  /**
   * What to write with which model.
   *
   * @param model what writes
   * @param prompt the beginning; the tokenizer's bos goes before it
   * @param maxNewTokens most tokens to write
   * @param temperature divides the logits, 0 takes the likeliest token
   * @param topK only the k likeliest tokens, 0 for all
   * @param topP only the likeliest tokens that reach this probability
   * @param seed of the draws
   */
  public record Options(
      ModelChoice model,
      @Option(help = "how the text begins") String prompt,
      @Option(help = "most tokens to write", unit = "tokens") int maxNewTokens,
      @Option(help = "divides the logits; 0 takes the likeliest token", group = "Sampling")
          double temperature,
      @Option(help = "only the k likeliest tokens, 0 for all", group = "Sampling") int topK,
      @Option(help = "only the likeliest tokens that reach this probability", group = "Sampling")
          double topP,
      @Option(help = "seed of the draws", group = "Sampling") long seed) {
    static final Options DEFAULT =
        new Options(ModelChoice.of("pretrain"), "", 200, 0.85, 0, 0.85, 42);

    /** Checks the bounds that the sampling does not. */
    public Options {
      Bounds.atLeast("max_new_tokens", maxNewTokens, 1);
    }
  }

  @Override
  public String name() {
    return "generate";
  }

  @Override
  public String summary() {
    return "continues a prompt with trained weights";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment) {
    var sampling = new Sampling(options.temperature(), options.topK(), options.topP());
    Generators.seed(options.seed());
    try (var model = LoadedModel.load(options.model())) {
      var text = new StringBuilder(options.prompt());
      StreamingDecoder decoding = model.tokenizer().streamingDecoder(true);
      long start = System.nanoTime();
      int count =
          new TextGenerator(model.decoder())
              .generate(
                  prompt(model, options.prompt()),
                  options.maxNewTokens(),
                  model.tokenizer().specialTokens().eosId(),
                  sampling,
                  id -> {
                    text.append(decoding.accept(Math.toIntExact(id)));
                    return true;
                  });
      double seconds = (System.nanoTime() - start) / 1e9;
      environment.console().info(text.append(decoding.finish()).toString());
      environment
          .console()
          .warn(
              String.format(
                  Locale.ROOT, "%d tokens, %.1f tokens/s", count, count / Math.max(seconds, 1e-9)));
      return ExitCode.OK;
    }
  }

  private static long[] prompt(LoadedModel model, String text) {
    int[] ids = model.tokenizer().encode(text);
    var prompt = new long[ids.length + 1];
    prompt[0] = model.tokenizer().specialTokens().bosId();
    for (int i = 0; i < ids.length; i++) prompt[i + 1] = ids[i];
    return prompt;
  }
}
