package org.panamind.host.bench;

import org.panamind.model.Decoder;
import org.panamind.model.ModelConfig;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;
import org.panamind.torch.AdamW;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Gradients;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** This project: MiniMind2-Small, as the training loop drives it. */
final class OwnContender implements Contender {
  /** No id, so that the text goes on to its full length. */
  private static final long NO_END = -1;

  private static final double CLIP = 1;

  private final Device device;
  private final DType precision;
  private final Decoder decoder;
  private final AdamW optimizer;

  OwnContender(Device device, DType precision) {
    Generators.seed(42);
    this.device = device;
    this.precision = precision;
    this.decoder = Decoder.random(ModelConfig.DEFAULT, device);
    this.optimizer = new AdamW(decoder.parameters(), AdamW.Settings.DEFAULT);
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
    var ids = new long[prompt];
    for (int i = 0; i < prompt; i++) ids[i] = i;
    long start = System.nanoTime();
    new TextGenerator(decoder).generate(ids, fresh, NO_END, Sampling.GREEDY, id -> true);
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void close() {
    optimizer.close();
    decoder.close();
  }
}
