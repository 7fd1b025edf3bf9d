package org.panamind.host.chat;

import java.io.Console;
import java.security.SecureRandom;
import java.util.List;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.host.Streams;
import org.panamind.host.text.LoadedModel;
import org.panamind.host.text.ModelChoice;
import org.panamind.model.Sampling;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.torch.Generators;

/** {@code host chat}: a dialogue with a trained model, in a terminal or through a pipe. */
public final class ChatCommand implements Command<ChatCommand.Options> {
  /**
   * Whom to talk with, and how.
   *
   * @param model who answers
   * @param system the system message, or null for none
   * @param openThinking whether the template lets the model think before it answers
   * @param maxNewTokens longest answer
   * @param temperature divides the logits, 0 takes the likeliest token
   * @param topK only the k likeliest tokens, 0 for all
   * @param topP only the likeliest tokens that reach this probability
   * @param repetitionPenalty weakens tokens that were said already, 1 for none
   * @param seed of the draws, or null for another each time
   */
  public record Options(
      ModelChoice model,
      @Option(help = "system message at the beginning") String system,
      @Option(help = "let the model think before it answers, where its template can")
          boolean openThinking,
      @Option(help = "longest answer", unit = "tokens") int maxNewTokens,
      @Option(help = "divides the logits; 0 takes the likeliest token", group = "Sampling")
          double temperature,
      @Option(help = "only the k likeliest tokens, 0 for all", group = "Sampling") int topK,
      @Option(help = "only the likeliest tokens that reach this probability", group = "Sampling")
          double topP,
      @Option(help = "weakens tokens that were said already; 1 for none", group = "Sampling")
          double repetitionPenalty,
      @Option(help = "seed of the draws; none takes another each time", group = "Sampling")
          Long seed) {
    static final Options DEFAULT =
        new Options(ModelChoice.of("full_sft"), null, false, 1024, 0.85, 0, 0.85, 1, null);

    /** Checks the bounds that the sampling does not. */
    public Options {
      Bounds.atLeast("max_new_tokens", maxNewTokens, 1);
    }

    Sampling sampling() {
      return new Sampling(temperature, topK, topP, 0, repetitionPenalty);
    }
  }

  @Override
  public String name() {
    return "chat";
  }

  @Override
  public String summary() {
    return "talks with a trained model, in a terminal or line by line through a pipe";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment) {
    Sampling sampling = options.sampling();
    Generators.seed(options.seed() == null ? new SecureRandom().nextLong() : options.seed());
    try (var model = LoadedModel.load(options.model());
        var dialogue = new Dialogue(model, options.openThinking());
        Face face = face(environment.streams())) {
      if (options.system() != null) dialogue.system(options.system());
      if (face instanceof TerminalFace) {
        face.note(model.weights().source() + ". Ctrl-C stops an answer, Ctrl-D ends, /help helps");
      }
      return new ChatLoop(face, dialogue, sampling, options.maxNewTokens()).run();
    }
  }

  private static Face face(Streams streams) {
    Console console = System.console();
    boolean watched = streams.in() == System.in && console != null && console.isTerminal();
    return watched ? TerminalFace.open() : new StreamFace(streams);
  }
}
