package org.panamind.host.bench;

import java.util.List;
import java.util.stream.LongStream;
import org.panamind.model.Decoder;
import org.panamind.model.ModelConfig;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;
import org.panamind.model.rollout.RolloutEngine;
import org.panamind.model.rollout.RolloutOptions;
import org.panamind.torch.AdamW;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Gradients;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** This project: a decoder as the training loop and the stages drive it. */
final class OwnContender implements Contender {
  /** No id, so that the text goes on to its full length. */
  private static final long NO_END = -1;

  private static final double CLIP = 1;

  /** By which MiniMind draws in its reinforcement learning. */
  private static final Sampling SAMPLING = new Sampling(0.8, 0, 1);

  private final Device device;
  private final DType precision;
  private final Decoder decoder;
  private final AdamW optimizer;

  OwnContender(ModelConfig model, Device device, DType precision) {
    Generators.seed(42);
    this.device = device;
    this.precision = precision;
    this.decoder = Decoder.random(model, device);
    this.optimizer = new AdamW(decoder.parameters(), AdamW.Settings.DEFAULT);
  }

  Decoder decoder() {
    return decoder;
  }

  @Override
  public double train(int rows, int length) {
    decoder.training(true);
    device.synchronize();
    long start = System.nanoTime();
    try (var scope = TensorScope.open()) {
      var ids = Torch.randint(0, decoder.config().vocabSize(), device, rows, length); // [B, T]
      try (var autocast = Autocast.enter(device, precision)) {
        var loss = decoder.lossSum(decoder.hidden(ids), ids, null);
        loss.div((double) rows * (length - 1)).backward();
      }
      double norm = Gradients.norm(optimizer.parameters(), 1);
      optimizer.step(5e-4, Math.min(1, CLIP / (norm + 1e-6)));
      Gradients.clear(optimizer.parameters());
    }
    device.synchronize();
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public double generate(int prompt, int fresh) {
    decoder.training(false);
    var ids = LongStream.range(0, prompt).toArray();
    long start = System.nanoTime();
    new TextGenerator(decoder).generate(ids, fresh, NO_END, Sampling.GREEDY, id -> true);
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public double rollout(int rows, int prompt, int fresh) {
    // None stands twice, or the engine would read it once.
    var prompts =
        LongStream.range(0, rows)
            .mapToObj(row -> LongStream.range(row, row + prompt).toArray())
            .toList();
    long[] seeds = LongStream.range(0, rows).toArray();
    var options = new RolloutOptions(fresh, NO_END, 0, SAMPLING);
    long start = System.nanoTime();
    try (var scope = TensorScope.open()) {
      new RolloutEngine(decoder, precision).generate(prompts, seeds, options).ids().toLongArray();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** The same work without a cache: all tokens pass through the decoder again for each new one. */
  double recompute(int rows, int prompt, int fresh) {
    decoder.training(false);
    long start = System.nanoTime();
    try (var scope = TensorScope.open();
        var no = NoGrad.enter();
        var autocast = Autocast.enter(device, precision)) {
      var ids = Torch.arange(0, prompt, device).expand(rows, prompt); // [B, T]
      for (int i = 0; i < fresh; i++) {
        try (var step = TensorScope.open()) {
          var logits = decoder.logits(decoder.hidden(ids).select(1, -1)); // [B, V]
          ids = step.keep(Torch.cat(List.of(ids, SAMPLING.draw(logits, null).ids()), 1));
        }
      }
      ids.toLongArray();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void close() {
    optimizer.close();
    decoder.close();
  }
}
