package org.panamind.host.bench;

import java.util.Locale;
import java.util.function.Supplier;
import org.panamind.model.Decoder;
import org.panamind.model.LogProbs;
import org.panamind.stage.Console;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Gradients;
import org.panamind.torch.Memory;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * The most memory that the policy's part of a GRPO step takes, forward and backward (Shao et al.
 * 2024, arXiv:2402.03300, section 4.1): with log-probabilities computed in chunks, and with logits
 * held whole.
 *
 * @param rows N, answers of all prompts
 * @param length T, tokens of each
 */
record MemoryBench(Decoder decoder, DType precision, int rows, int length) {
  private static final double MIB = 1 << 20;

  /** How the log-probabilities of drawn tokens, [N, T], come from hidden states, [N, T, C]. */
  private interface Head {
    Tensor logProbs(Tensor hidden, Tensor ids);
  }

  /** What a piece of work took. */
  private record Cost(long bytes, double seconds) {}

  /** Prints a line for the whole step and one for the part behind the last hidden states. */
  void run(Console console) {
    Head chunked = (hidden, ids) -> LogProbs.of(hidden, decoder.headWeight(), ids, 1);
    console.info(line("from ids to gradients", step(chunked), step(this::whole)));
    console.info(line("from its last hidden states on", head(chunked), head(this::whole)));
  }

  private String line(String what, Cost chunked, Cost whole) {
    return String.format(
        Locale.ROOT,
        "memory of a GRPO step, %d answers of %d tokens, %s: %,.0f MiB beyond the weights in"
            + " %.1f s; with whole logits %,.0f MiB in %.1f s, ratio %.2f",
        rows,
        length,
        what,
        chunked.bytes() / MIB,
        chunked.seconds(),
        whole.bytes() / MIB,
        whole.seconds(),
        (double) whole.bytes() / chunked.bytes());
  }

  /**
   * The plain way; each tensor of V columns is let go as soon as nothing but the graph needs it.
   */
  private Tensor whole(Tensor hidden, Tensor ids) {
    try (var logits = decoder.logits(hidden); // [N, T, V]
        var wide = logits.to(DType.FLOAT32);
        var logProbs = wide.logSoftmax(-1)) {
      return logProbs.gather(-1, ids.unsqueeze(-1)).squeeze(-1);
    }
  }

  private Cost step(Head head) {
    decoder.training(true);
    var cost =
        cost(
            () -> {
              try (var autocast = Autocast.enter(decoder.device(), precision)) {
                var ids = ids();
                return loss(head.logProbs(decoder.hidden(ids), ids));
              }
            });
    decoder.training(false);
    return cost;
  }

  private Cost head(Head head) {
    try (var scope = TensorScope.open()) {
      var ids = ids();
      long[] shape = {rows, length, decoder.config().hiddenSize()};
      var hidden = Torch.rand(DType.FLOAT32, decoder.device(), shape).requiresGrad(true);
      return cost(
          () -> {
            try (var autocast = Autocast.enter(decoder.device(), precision)) {
              return loss(head.logProbs(hidden, ids));
            }
          });
    }
  }

  private Tensor ids() {
    return Torch.randint(0, decoder.config().vocabSize(), decoder.device(), rows, length);
  }

  /** The clipped surrogate at the first update, where no ratio is clipped. */
  private Tensor loss(Tensor logProbs) {
    var advantage = Torch.arange(0, rows, decoder.device()).sub(rows / 2.0).unsqueeze(1); // [N, 1]
    return logProbs.sub(logProbs.detach()).exp().mul(advantage).mean().neg();
  }

  /** Memory beyond what was in use before, and time. */
  private Cost cost(Supplier<Tensor> loss) {
    Device device = decoder.device();
    long before = Memory.of(device).inUse();
    Memory.resetPeak(device);
    long start = System.nanoTime();
    try (var scope = TensorScope.open()) {
      loss.get().backward();
      device.synchronize();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long bytes = Memory.of(device).peak() - before;
    Gradients.clear(decoder.parameters().values());
    return new Cost(bytes, seconds);
  }
}
