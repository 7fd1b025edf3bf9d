package org.panamind.stage.options;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.panamind.dataset.Samples;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlFile;
import org.panamind.dataset.order.HeldOutSplit;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;

/**
 * A JSONL file to train on.
 *
 * @param dataPath the file, or null for the stage's sample
 * @param valPath a file to measure on, or null to hold some lines out
 * @param valShare share of lines held out
 * @param maxSeqLen longest row
 * @param badLines what becomes of lines that are no records
 * @param maxBad share of lines that may be skipped
 * @param tokenizerPath folder of tokenizer.json, or null for the one that lies where its stage puts
 *     it
 */
public record DataOptions(
    @Option(help = "JSONL file, plain, gzip or zstd; without it the sample data") Path dataPath,
    @Option(help = "JSONL file to measure on; without it a share of --data_path is held out")
        Path valPath,
    @Option(help = "share of lines held out for measuring, 0 for none") double valShare,
    @Option(help = "longest row; what is longer is cut", unit = "tokens") int maxSeqLen,
    @Option(help = "what to do with lines that are no records") Lines badLines,
    @Option(help = "share of lines that may be skipped") double maxBad,
    @Option(help = "folder of tokenizer.json; without it out/tokenizer, or the sample's own")
        Path tokenizerPath) {
  /** The values of {@code --bad_lines}. */
  public enum Lines {
    /** The first bad line ends the stage. */
    FAIL,
    /** Bad lines are left out and counted. */
    SKIP
  }

  /** Checks the bounds. */
  public DataOptions {
    Bounds.between("val_share", valShare, 0, 0.5);
    Bounds.atLeast("max_seq_len", maxSeqLen, 3);
    Bounds.between("max_bad", maxBad, 0, 1);
  }

  /**
   * Defaults with a stage's own row length.
   *
   * @param maxSeqLen longest row, in tokens
   */
  public static DataOptions of(int maxSeqLen) {
    return new DataOptions(null, null, 0.01, maxSeqLen, Lines.FAIL, 0.001, null);
  }

  /**
   * Looks whether the files that are named exist, before anything that takes longer.
   *
   * @throws UncheckedIOException with a {@link NoSuchFileException} if one does not
   */
  public void requireFiles() {
    for (Path file : Stream.of(dataPath, valPath).filter(Objects::nonNull).toList()) {
      if (Files.exists(file)) continue;
      throw new UncheckedIOException(
          "%s: cannot be read: no such file or folder (looked for %s)"
              .formatted(file, file.toAbsolutePath()),
          new NoSuchFileException(file.toString()));
    }
  }

  /** What the bad lines' options mean. */
  public BadLines policy() {
    return switch (badLines) {
      case FAIL -> BadLines.FAIL;
      case SKIP -> new BadLines(true, maxBad);
    };
  }

  /**
   * Samples to train on and to measure on.
   *
   * @param <T> what a sample is
   * @param training to train on
   * @param heldOut to measure on, or null
   */
  public record Parts<T>(Samples<T> training, Samples<T> heldOut) {}

  /**
   * Cuts samples into both parts by {@link #valShare}.
   *
   * @param seed the same seed holds out the same samples
   */
  public <T> Parts<T> split(Samples<T> all, long seed) {
    if (valShare == 0 || all.size() < 2) return new Parts<>(all, null);
    var split = HeldOutSplit.ofShare(all.size(), valShare, seed);
    return new Parts<>(split.training(all), split.heldOut(all));
  }

  /** Says how many lines were skipped; nothing when all were good. */
  public static String skipped(JsonlFile file) {
    var report = file.report();
    return report.bad() == 0
        ? ""
        : "%d of %d lines skipped; the first: %s"
            .formatted(report.bad(), report.lines(), report.firstBad());
  }
}
