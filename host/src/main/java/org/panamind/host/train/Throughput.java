package org.panamind.host.train;

import java.util.Locale;
import org.panamind.torch.Memory;

/** Tokens and operations against the clock; measuring and saving do not count. */
final class Throughput {
  private long tokens;
  private long updates;
  private double flops;
  private long nanos;
  private long runningSince;

  void start() {
    if (runningSince == 0) runningSince = System.nanoTime();
  }

  void pause() {
    if (runningSince == 0) return;
    nanos += System.nanoTime() - runningSince;
    runningSince = 0;
  }

  void add(UpdateReport report) {
    tokens += report.tokens();
    flops += report.flops();
    updates++;
  }

  private double seconds() {
    long running = runningSince == 0 ? 0 : System.nanoTime() - runningSince;
    return Math.max((nanos + running) / 1e9, 1e-9);
  }

  double tokensPerSecond() {
    return tokens / seconds();
  }

  double secondsLeft(long updatesLeft) {
    return updates == 0 ? 0 : seconds() / updates * updatesLeft;
  }

  /** One line: speed, memory, and the share of what this machine's matrix products reach. */
  String summary(RunSetup setup) {
    double rate = flops / seconds();
    // Each rank has a device, or its share of the processor, of its own.
    int ranks = setup.ranks().share().world();
    double peak = rate == 0 ? 0 : ranks * MachinePeak.flops(setup.device(), setup.precision());
    String share =
        peak == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", %.1f GFLOP/s, %.0f %% of this machine's %.0f",
                rate / 1e9,
                100 * rate / peak,
                peak / 1e9);
    return String.format(
        Locale.ROOT,
        "%,d tokens in %.1f s: %,.0f tokens/s%s; peak memory %,d MiB of tensors",
        tokens,
        seconds(),
        tokensPerSecond(),
        share,
        Memory.of(setup.device()).peak() >> 20);
  }
}
