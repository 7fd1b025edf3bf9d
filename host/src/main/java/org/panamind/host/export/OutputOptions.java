package org.panamind.host.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Option;
import org.panamind.torch.DType;

/**
 * Where a model is written to, and how exactly.
 *
 * @param output file or folder, or null for a name made of the model's
 * @param dtype type of the numbers, or null for the form's usual one
 * @param overwrite whether something of that name may be replaced
 */
public record OutputOptions(
    @Option(help = "what to write to; none makes a name beside the weights", group = "Output")
        Path output,
    @Option(
            help =
                "type of the numbers; none takes float16 for pth and hf, as MiniMind does, and"
                    + " float32 for safetensors",
            group = "Output")
        Numbers dtype,
    @Option(help = "replace what has that name already", group = "Output") boolean overwrite) {
  static final OutputOptions DEFAULT = new OutputOptions(null, null, false);

  /** The values of {@code --dtype}. */
  public enum Numbers {
    /** 32 bits, as trained. */
    FLOAT32(DType.FLOAT32),
    /** 16 bits, 10 of them fraction. */
    FLOAT16(DType.FLOAT16),
    /** 16 bits, 7 of them fraction. */
    BFLOAT16(DType.BFLOAT16);

    private final DType type;

    Numbers(DType type) {
      this.type = type;
    }

    DType type() {
      return type;
    }
  }

  DType typeOr(DType usual) {
    return dtype == null ? usual : dtype.type();
  }

  /**
   * The chosen output, or {@code usual}, when nothing is lost by writing there.
   *
   * @throws ConfigException if something is there and was not said to be replaced
   */
  Path target(Path usual) throws IOException {
    Path target = output == null ? usual : output;
    if (!overwrite && Files.exists(target) && !isEmptyFolder(target)) {
      throw new ConfigException(
          target + " is there already; name another --output, or pass --overwrite to replace it");
    }
    return target;
  }

  private static boolean isEmptyFolder(Path path) throws IOException {
    if (!Files.isDirectory(path)) return false;
    try (Stream<Path> files = Files.list(path)) {
      return files.findAny().isEmpty();
    }
  }
}
