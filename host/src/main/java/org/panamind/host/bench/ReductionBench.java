package org.panamind.host.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.host.console.Terminal;
import org.panamind.host.launch.LaunchPlan;
import org.panamind.host.launch.Launcher;
import org.panamind.host.launch.RankEnvironment;
import org.panamind.host.ranks.JoinedRanks;
import org.panamind.model.Decoder;
import org.panamind.stage.Console;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.GradientReducer;
import org.panamind.torch.Gradients;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * How much of the all-reduce of a decoder's gradients is hidden behind the backward, between
 * processes of this machine.
 */
final class ReductionBench {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** The second sorts the buckets anew. */
  private static final int WARM_UP = 2;

  private ReductionBench() {}

  /** Starts the ranks and waits for them. */
  static ExitCode launch(BenchCommand.Options options, HostEnvironment environment) {
    if (options.nproc() == 1) return ExitCode.OK;
    var device = Device.parse(options.device());
    if (device.isCuda() && Device.cudaCount() < options.nproc()) {
      environment
          .console()
          .info(
              "reduction of gradients: left out, %d processes need a GPU each"
                  .formatted(options.nproc()));
      return ExitCode.OK;
    }
    var plan = new LaunchPlan.Spawn(options.nproc(), 1, 0, "127.0.0.1", 0, 0);
    var streams = environment.streams();
    var launcher =
        new Launcher(plan, words(options), streams.out(), streams.err(), Terminal.detect());
    try {
      return launcher.run() == 0 ? ExitCode.OK : ExitCode.RANK;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.TERMINATED;
    }
  }

  private static List<String> words(BenchCommand.Options options) {
    var words = new ArrayList<>(List.of("bench"));
    words.addAll(List.of("--hidden_size", options.hiddenSize() + ""));
    words.addAll(List.of("--num_hidden_layers", options.numHiddenLayers() + ""));
    words.addAll(List.of("--batch_size", options.batchSize() + ""));
    words.addAll(List.of("--seq_len", options.seqLen() + ""));
    words.addAll(List.of("--rounds", options.rounds() + ""));
    words.addAll(List.of("--device", options.device()));
    words.addAll(List.of("--dtype", options.dtype().name().toLowerCase(Locale.ROOT)));
    if (options.bucketMib() != null)
      words.addAll(List.of("--bucket_mib", options.bucketMib() + ""));
    return words;
  }

  /** What each of them does; the first says what came out. */
  static void onRank(RankEnvironment place, BenchCommand.Options options, Console console) {
    var device = Device.parse(options.device());
    if (device.isCuda()) device = Device.cuda(place.localRank());
    device.makeCurrent();
    Generators.seed(42);
    var settings = GradientReducer.Settings.DEFAULT.withSum().withUnused();
    if (options.bucketMib() != null)
      settings = settings.withBuckets((long) options.bucketMib() << 20);
    try (var ranks = JoinedRanks.join(place, device, TIMEOUT);
        var decoder = Decoder.random(options.model(), device);
        var reducer = ranks.reducer(decoder.parameters().values(), settings)) {
      decoder.training(true);
      var figures = new ArrayList<GradientReducer.Figures>();
      for (int round = -WARM_UP; round < options.rounds(); round++) {
        backward(decoder, reducer, device, options);
        if (round >= 0) figures.add(reducer.figures());
      }
      ranks.meet();
      if (ranks.isFirst()) console.info(summary(figures, place.world()));
    }
  }

  private static void backward(
      Decoder decoder, GradientReducer reducer, Device device, BenchCommand.Options options) {
    DType precision = options.dtype().type();
    int rows = options.batchSize();
    int length = options.seqLen();
    try (var scope = TensorScope.open()) {
      var ids = Torch.randint(0, decoder.config().vocabSize(), device, rows, length); // [B, T]
      try (var autocast = Autocast.enter(device, precision)) {
        var loss = decoder.lossSum(decoder.hidden(ids), ids, null);
        reducer.backward(loss.div((double) rows * (length - 1)), true);
      }
      reducer.await(TIMEOUT);
      Gradients.clear(decoder.parameters().values());
    }
  }

  private static String summary(List<GradientReducer.Figures> figures, int ranks) {
    var last = figures.get(figures.size() - 1);
    return String.format(
        Locale.ROOT,
        "reduction of gradients between %d processes: %.0f MB in %d buckets take %.0f ms, of which"
            + " %.0f %% are hidden behind a backward of %.0f ms",
        ranks,
        last.bytes() / 1e6,
        last.buckets(),
        median(figures, each -> each.reducing().toNanos() / 1e6),
        100 * median(figures, GradientReducer.Figures::hiddenShare),
        median(figures, each -> each.backward().toNanos() / 1e6));
  }

  private static double median(
      List<GradientReducer.Figures> figures, ToDoubleFunction<GradientReducer.Figures> what) {
    return SideBySide.median(figures.stream().mapToDouble(what).toArray());
  }
}
