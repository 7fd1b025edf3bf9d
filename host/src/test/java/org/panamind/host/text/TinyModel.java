package org.panamind.host.text;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.sample.SampleText;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.model.lora.LoraAdapters;
import org.panamind.model.lora.LoraConfig;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;

/** A save folder as stages leave it, with random weights: C 32, two layers, 320 tokens. */
public final class TinyModel {
  /** Size of the vocabulary. */
  public static final int VOCABULARY = 320;

  /** Sizes of the decoder. */
  public static final ModelConfig CONFIG =
      ModelConfig.minimind2(VOCABULARY, 32, 2, 4, 2, 64, 2048, 1e6, null, 0);

  private TinyModel() {}

  /** Writes {@code full_sft_32.safetensors} and {@code tokenizer}. */
  public static Path in(Path saveDir) {
    Path tokenizer = tokenizer(saveDir);
    Generators.seed(7);
    try (var decoder = Decoder.random(CONFIG, Device.CPU)) {
      DecoderFiles.writeSafetensors(
          saveDir.resolve("full_sft_32.safetensors"),
          decoder,
          Map.of(SavedTokenizer.METADATA, tokenizer.toString()));
    }
    return saveDir;
  }

  /** Writes {@code lora/<name>_32.safetensors} for that model, with a low-rank part that counts. */
  public static void lora(Path saveDir, String name) {
    try (var decoder = read(saveDir.resolve("full_sft_32.safetensors"));
        var adapters = LoraAdapters.random(decoder, LoraConfig.miniMind(4))) {
      try (var no = NoGrad.enter()) {
        adapters.parameters().values().forEach(tensor -> tensor.normal_(0, 0.3));
      }
      adapters.writeSafetensors(
          saveDir.resolve("lora").resolve(name + "_32.safetensors"), Map.of());
    }
  }

  /** Reads a weight file of this form. */
  public static Decoder read(Path file) {
    return DecoderFiles.read(file, CONFIG, Device.CPU);
  }

  private static Path tokenizer(Path saveDir) {
    Path folder = saveDir.resolve("tokenizer");
    Random random = new Random(7);
    var texts =
        Stream.generate(() -> new SampleText().next(random).get("text").textValue()).limit(300);
    new BpeTrainer(VOCABULARY, BpeTrainer.CHATML_TOKENS, 1).train(texts.iterator()).writeTo(folder);
    return folder;
  }
}
