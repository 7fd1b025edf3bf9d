package org.panamind.host.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.panamind.dataset.tokenizer.SpecialTokens;
import org.panamind.host.text.LoadedDecoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.Sampling;
import org.panamind.model.hub.HubExport;
import org.panamind.model.hub.HubFolder;
import org.panamind.stage.ConfigException;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.torch.DType;

/** The forms that a model is written in: the values of {@code --to}. */
public enum Format {
  /** A folder that Hugging Face's transformers load, tokenizer included. */
  HF("-hf", DType.FLOAT16),
  /** MiniMind's state dict. */
  PTH(".pth", DType.FLOAT16),
  /** Panamind's own, with the config in it. */
  SAFETENSORS(".safetensors", DType.FLOAT32);

  private final String ending;
  private final DType usual;

  Format(String ending, DType usual) {
    this.ending = ending;
    this.usual = usual;
  }

  /** What a name made by us ends in. */
  String ending() {
    return ending;
  }

  /** The form of a file by the ending of its name; a name without an ending is a folder's. */
  static Format of(Path output) {
    String name = output.getFileName().toString();
    if (name.endsWith(PTH.ending)) return PTH;
    if (name.endsWith(SAFETENSORS.ending)) return SAFETENSORS;
    if (!name.contains(".")) return HF;
    throw new ConfigException(
        "--output is "
            + output
            + ", must end in .safetensors or .pth, or be a folder's name without an ending");
  }

  /**
   * Refuses what this form cannot hold, before any work is done.
   *
   * @throws ConfigException if it has not the type that was asked for
   */
  void require(OutputOptions options) {
    if (this == SAFETENSORS && options.typeOr(usual) != usual) {
      throw new ConfigException(
          "safetensors keep float32; for --dtype "
              + options.dtype().name().toLowerCase(Locale.ROOT)
              + " write hf or pth");
    }
  }

  /**
   * Writes a model whole or not at all.
   *
   * @return what was written, in words
   */
  String write(LoadedDecoder model, Path target, OutputOptions options) throws IOException {
    DType type = options.typeOr(usual);
    switch (this) {
      case HF -> HubFolder.write(target, model.decoder(), hub(model.tokenizerFolder(), type));
      case PTH -> DecoderFiles.writePth(target, model.decoder(), type);
      case SAFETENSORS -> DecoderFiles.writeSafetensors(target, model.decoder(), metadata(model));
    }
    return "%s: %.2f M parameters, %s"
        .formatted(target, model.decoder().config().parameterCount() / 1e6, type);
  }

  private static HubExport hub(Path tokenizerFolder, DType type) {
    try (var tokenizer = SavedTokenizer.load(tokenizerFolder)) {
      SpecialTokens roles = tokenizer.specialTokens();
      int end = roles.eosId();
      int padding = roles.pad().map(SpecialTokens.Token::id).orElse(end);
      return new HubExport(type, tokenizerFolder, roles.bosId(), end, padding, Sampling.DEFAULT);
    }
  }

  private static Map<String, String> metadata(LoadedDecoder model) {
    Path tokenizer = model.tokenizerFolder().toAbsolutePath().normalize();
    boolean there = Files.isDirectory(tokenizer);
    return there ? Map.of(SavedTokenizer.METADATA, tokenizer.toString()) : Map.of();
  }
}
