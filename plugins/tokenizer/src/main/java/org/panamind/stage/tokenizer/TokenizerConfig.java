package org.panamind.stage.tokenizer;

import java.nio.file.Path;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;

/**
 * What the tokenizer stage can be told. The defaults are MiniMind's.
 *
 * @param dataPath JSONL with a {@code text} field, or null for the sample text
 * @param vocabSize tokens in all
 * @param maxLines records read at most, or null for all
 * @param badLines what becomes of lines that are no records
 * @param maxBad share of lines that may be skipped
 * @param tokenizerPath folder of the result
 * @param seed of the sample text
 */
public record TokenizerConfig(
    @Option(
            help =
                "JSONL file with a \"text\" in each line, plain, gzip or zstd; without it the"
                    + " sample text",
            group = "Data")
        Path dataPath,
    @Option(help = "records to read at most", unit = "lines", group = "Data") Long maxLines,
    @Option(help = "what to do with lines that are no records", group = "Data") Lines badLines,
    @Option(help = "share of lines that may be skipped", group = "Data") double maxBad,
    @Option(help = "seed of the sample text", group = "Data") long seed,
    @Option(
            help = "size of the vocabulary: 3 special tokens, 256 bytes, the rest learned",
            unit = "tokens",
            group = "Tokenizer")
        int vocabSize,
    @Option(
            help =
                "folder for tokenizer.json and tokenizer_config.json; what is there is kept aside",
            group = "Tokenizer")
        Path tokenizerPath) {

  /** The values of {@code --bad_lines}. */
  public enum Lines {
    /** The first bad line ends the stage. */
    FAIL,
    /** Bad lines are left out and counted. */
    SKIP
  }

  private static final int SPECIAL_TOKENS_AND_BYTES = 3 + 256;

  /** MiniMind's vocabulary of 6,400 tokens. */
  public static final TokenizerConfig DEFAULT =
      new TokenizerConfig(null, null, Lines.FAIL, 0.001, 42, 6400, Path.of("out", "tokenizer"));

  /** Checks the bounds. */
  public TokenizerConfig {
    Bounds.atLeast("vocab_size", vocabSize, SPECIAL_TOKENS_AND_BYTES);
    Bounds.between("max_bad", maxBad, 0, 1);
    if (maxLines != null) {
      Bounds.atLeast("max_lines", maxLines, 1);
    }
    Bounds.require(tokenizerPath != null, "tokenizer_path", "none", "must be a folder");
  }
}
