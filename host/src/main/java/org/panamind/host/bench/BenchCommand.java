package org.panamind.host.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.host.launch.LaunchOptions;
import org.panamind.host.launch.LaunchPlan;
import org.panamind.host.train.MachinePeak;
import org.panamind.model.ModelConfig;
import org.panamind.stage.Console;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.train.Precision;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * {@code host bench}: the cost of a call, of a training step, of a token and of a rollout, beside
 * C++ and beside MiniMind; the memory of a step of reinforcement learning; and how much of the
 * reduction of gradients is hidden behind the backward.
 */
public final class BenchCommand implements Command<BenchCommand.Options> {
  private static final int CALLS = 200_000;
  private static final int CALLS_PER_SCOPE = 100;
  private static final int PROMPT = 16;

  /**
   * What to measure.
   *
   * @param sections parts to measure
   * @param hiddenSize C of the model
   * @param numHiddenLayers its blocks
   * @param batchSize rows of a training step
   * @param seqLen tokens of a row
   * @param rounds repetitions of each measurement, after one to warm up; both sides take turns
   * @param newTokens tokens of a generated text
   * @param rolloutTokens tokens of each answer of a rollout
   * @param answers rows of the GRPO step whose memory is measured
   * @param answerTokens tokens of each of those rows
   * @param threads for one operator, or null as LibTorch chooses
   * @param device cpu, cuda or cuda:N
   * @param dtype precision of matrix products
   * @param nproc processes between which the reduction of gradients is measured; 1 leaves that out
   * @param bucketMib size of its buckets, or null for that of training
   * @param minimind a checkout of MiniMind2 to compare with, or null
   * @param python an interpreter that imports torch
   */
  public record Options(
      @Option(help = "what to measure: some of calls,train,decode,rollout,memory,reduction")
          List<String> sections,
      @Option(help = "width of the model") int hiddenSize,
      @Option(help = "blocks of the model") int numHiddenLayers,
      @Option(help = "rows of a training step") int batchSize,
      @Option(help = "tokens of a row") int seqLen,
      @Option(help = "repetitions of each measurement; both sides take turns") int rounds,
      @Option(help = "tokens of a generated text") int newTokens,
      @Option(help = "tokens of each answer of a rollout") int rolloutTokens,
      @Option(help = "answers in the GRPO step whose memory is measured") int answers,
      @Option(help = "tokens of each of them") int answerTokens,
      @Option(help = "threads of one operator; none leaves the choice to LibTorch") Integer threads,
      @Option(help = "cpu, cuda or cuda:N") String device,
      @Option(help = "precision of matrix products") Precision dtype,
      @Option(
              help = "processes between which the reduction of gradients is measured; 1 for none",
              group = "Ranks")
          int nproc,
      @Option(
              help = "size of a bucket of gradients; none takes that of training",
              unit = "MiB",
              group = "Ranks")
          Integer bucketMib,
      @Option(help = "a checkout of MiniMind2 to compare with", group = "Comparison") Path minimind,
      @Option(help = "an interpreter that imports torch", group = "Comparison") String python) {
    static final Options DEFAULT =
        new Options(
            Section.NAMES,
            512,
            8,
            4,
            512,
            5,
            128,
            64,
            16,
            512,
            null,
            "cpu",
            Precision.FLOAT32,
            2,
            null,
            null,
            "/usr/bin/python3");

    /** Checks the bounds. */
    public Options {
      Section.of(sections);
      Bounds.atLeast("batch_size", batchSize, 1);
      Bounds.atLeast("seq_len", seqLen, 2);
      Bounds.atLeast("rounds", rounds, 1);
      Bounds.atLeast("new_tokens", newTokens, 1);
      Bounds.atLeast("rollout_tokens", rolloutTokens, 1);
      Bounds.atLeast("answers", answers, 1);
      Bounds.atLeast("answer_tokens", answerTokens, 1);
      if (threads != null) Bounds.atLeast("threads", threads, 1);
      Bounds.between("nproc", nproc, 1, 1024);
      if (bucketMib != null) Bounds.atLeast("bucket_mib", bucketMib, 1);
    }

    ModelConfig model() {
      return ModelConfig.minimind2(6400, hiddenSize, numHiddenLayers, 8, 2, 0, 32768, 1e6, null, 0);
    }
  }

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String summary() {
    return "measures calls, training steps and decoding, beside C++ and MiniMind";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment) {
    var plan = LaunchPlan.of(LaunchOptions.DEFAULT, System.getenv(), () -> 1);
    if (plan instanceof LaunchPlan.Join(var place)) {
      ReductionBench.onRank(place, options, environment.console());
      return ExitCode.OK;
    }
    Console console = environment.console();
    if (options.threads() != null) Torch.threads(options.threads());
    Device device = Device.parse(options.device());
    DType precision = options.dtype().type();
    console.info(
        "LibTorch %s, %s, %s, %d threads"
            .formatted(Torch.version(), device.description(), precision, Torch.threads()));
    var sections = Section.of(options.sections());
    try (var own = new OwnContender(options.model(), device, precision)) {
      if (options.minimind() == null) {
        measure(console, options, sections, own, null);
      } else {
        try (var other =
            MiniMindContender.start(
                options.python(),
                options.minimind(),
                options.model(),
                Torch.threads(),
                device,
                precision)) {
          console.info("MiniMind in Python: " + other.version());
          measure(console, options, sections, own, other);
        }
      }
    }
    return sections.contains(Section.REDUCTION)
        ? ReductionBench.launch(options, environment)
        : ExitCode.OK;
  }

  private static void measure(
      Console console, Options options, Set<Section> sections, OwnContender own, Contender other) {
    if (sections.contains(Section.CALLS)) calls(console, options.rounds());
    if (sections.contains(Section.TRAIN)) train(console, options, own, other);
    if (sections.contains(Section.DECODE)) decode(console, options, own, other);
    if (sections.contains(Section.ROLLOUT)) {
      new RolloutBench(own, other, options.rounds()).run(console, options.rolloutTokens());
    }
    if (sections.contains(Section.MEMORY)) {
      var type = options.dtype().type();
      new MemoryBench(own.decoder(), type, options.answers(), options.answerTokens()).run(console);
    }
  }

  /** A one-element add from Java, tensors freed by scopes, beside the same loop in C++. */
  private static void calls(Console console, int rounds) {
    double java = Double.MAX_VALUE;
    double cpp = Double.MAX_VALUE;
    try (var scope = TensorScope.open()) {
      var a = Torch.ones(1);
      var b = Torch.ones(1);
      for (int round = 0; round <= rounds; round++) {
        long start = System.nanoTime();
        for (int i = 0; i < CALLS / CALLS_PER_SCOPE; i++) {
          try (var inner = TensorScope.open()) {
            for (int j = 0; j < CALLS_PER_SCOPE; j++) a.add(b);
          }
        }
        java = Math.min(java, (System.nanoTime() - start) / (double) CALLS);
        cpp = Math.min(cpp, Torch.timeAddNatively(a, b, CALLS));
      }
    }
    console.info(
        String.format(
            Locale.ROOT,
            "one-element add: %.0f ns from Java, %.0f ns in C++, ratio %.2f",
            java,
            cpp,
            java / cpp));
  }

  private static void train(Console console, Options options, Contender own, Contender other) {
    double peak = MachinePeak.flops(Device.parse(options.device()), options.dtype().type());
    double[] step =
        times(options.rounds(), own, other, c -> c.train(options.batchSize(), options.seqLen()));
    double tokens = options.batchSize() * (double) options.seqLen();
    double flops = options.model().trainingFlopsPerToken(options.seqLen()) * tokens;
    console.info(
        String.format(
            Locale.ROOT,
            "training step, %.0fM parameters, B=%d T=%d: %,.0f tokens/s, %.0f GFLOP/s, %.0f %% of"
                + " the %.0f that a matrix product reaches%s",
            options.model().parameterCount() / 1e6,
            options.batchSize(),
            options.seqLen(),
            tokens / step[0],
            flops / step[0] / 1e9,
            100 * flops / step[0] / peak,
            peak / 1e9,
            beside(tokens, step)));
  }

  private static void decode(Console console, Options options, Contender own, Contender other) {
    double[] text =
        times(options.rounds(), own, other, c -> c.generate(PROMPT, options.newTokens()));
    console.info(
        String.format(
            Locale.ROOT,
            "decoding, batch 1, %d tokens behind %d: %.1f tokens/s%s",
            options.newTokens(),
            PROMPT,
            options.newTokens() / text[0],
            beside(options.newTokens(), text)));
  }

  private static String beside(double tokens, double[] seconds) {
    return seconds.length == 1
        ? ""
        : String.format(
            Locale.ROOT,
            "; MiniMind %,.0f tokens/s, ratio %.2f",
            tokens / seconds[1],
            seconds[1] / seconds[0]);
  }

  private static double[] times(
      int rounds, Contender own, Contender other, ToDoubleFunction<Contender> work) {
    var sides = other == null ? List.of(own) : List.of(own, other);
    return SideBySide.medians(
        rounds,
        sides.stream().<DoubleSupplier>map(side -> () -> work.applyAsDouble(side)).toList());
  }
}
