package org.panamind.host.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.panamind.dataset.DataException;
import org.panamind.dataset.jsonl.JsonlReader;
import org.panamind.dataset.jsonl.LineReport;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.SavedTokenizer;

/** {@code host data show} and {@code host data check}: what is in a file, and what is wrong. */
public final class DataCommand implements Command<DataCommand.Options> {
  /**
   * What to look at.
   *
   * @param dataPath the file, where it is not named behind {@code show} or {@code check}
   * @param kind what its records are, or null to see by the first of them
   * @param index number of the record to show, from 0
   * @param mask whether supervised tokens are marked
   * @param maxSeqLen where rows are cut
   * @param tokenizerPath folder of the tokenizer, or null for the save folder's
   * @param saveDir folder where stages write
   */
  public record Options(
      @Option(help = "JSONL file, plain, gzip or zstd") Path dataPath,
      @Option(help = "what its records are; none looks at the first of them") RecordKind kind,
      @Option(help = "record to show, the first is 0") long index,
      @Option(help = "mark the tokens that are learned with \u27e6 and \u27e7") boolean mask,
      @Option(help = "where rows are cut", unit = "tokens") int maxSeqLen,
      @Option(help = "folder of tokenizer.json; none takes --save_dir/tokenizer, or the sample's")
          Path tokenizerPath,
      @Option(help = "folder where stages write") Path saveDir) {
    static final Options DEFAULT = new Options(null, null, 0, false, 2048, null, Path.of("out"));

    /** Checks the bounds. */
    public Options {
      Bounds.atLeast("index", index, 0);
      Bounds.atLeast("max_seq_len", maxSeqLen, 3);
    }
  }

  @Override
  public String name() {
    return "data";
  }

  @Override
  public String summary() {
    return "shows a sample as a model gets it (show), or checks every line of a file (check)";
  }

  @Override
  public String arguments() {
    return "show|check [FILE]";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> words, HostEnvironment environment) {
    String what = words.isEmpty() ? "" : words.getFirst();
    Path file = file(options, words);
    return switch (what) {
      case "show" -> show(file, options, environment.console());
      case "check" -> check(file, kindOf(file, options), environment.console());
      default ->
          throw new ConfigException(
              "host data %s: say host data show FILE or host data check FILE".formatted(what));
    };
  }

  private static Path file(Options options, List<String> words) {
    boolean named = options.dataPath() != null;
    if (words.size() > (named ? 1 : 2)) {
      throw new ConfigException("unexpected word \"%s\"".formatted(words.getLast()));
    }
    if (named) return options.dataPath();
    if (words.size() == 2) return Path.of(words.getLast());
    throw new ConfigException("name the file: host data show FILE or host data check FILE");
  }

  private static RecordKind kindOf(Path file, Options options) {
    return options.kind() == null ? RecordKind.of(file) : options.kind();
  }

  private static ExitCode show(Path file, Options options, Console console) {
    Path folder =
        options.tokenizerPath() == null
            ? SavedTokenizer.someFolder(options.saveDir())
            : options.tokenizerPath();
    try (var tokenizer = SavedTokenizer.load(folder)) {
      var view = new SampleView(tokenizer, options.maxSeqLen(), options.mask());
      view.lines(file, kindOf(file, options), options.index()).forEach(console::info);
      return ExitCode.OK;
    }
  }

  private static ExitCode check(Path file, RecordKind kind, Console console) {
    try (var reader =
        JsonlReader.open(file, kind.check(), RecordKind.SKIP_ALL).tellBadLines(console::info)) {
      try {
        while (reader.hasNext()) reader.next();
      } catch (DataException e) {
        // That no line is good is said by the lines themselves.
        if (reader.report().bad() == 0) throw e;
      }
      LineReport report = reader.report();
      console.info(
          "%s: %s, %,d lines, %,d good, %,d bad, %,d blank"
              .formatted(
                  file,
                  kind.name().toLowerCase(Locale.ROOT),
                  report.lines(),
                  report.good(),
                  report.bad(),
                  report.blank()));
      return report.bad() == 0 ? ExitCode.OK : ExitCode.DATA;
    }
  }
}
