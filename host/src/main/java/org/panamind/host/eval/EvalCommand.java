package org.panamind.host.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.PretrainRows;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlReader;
import org.panamind.dataset.jsonl.LineReport;
import org.panamind.dataset.rows.ChatOptions;
import org.panamind.dataset.rows.PreferenceRows;
import org.panamind.dataset.rows.SftRows;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.host.data.RecordKind;
import org.panamind.host.text.LoadedModel;
import org.panamind.host.text.ModelChoice;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;

/** {@code host eval}: figures of a trained model on a file. */
public final class EvalCommand implements Command<EvalCommand.Options> {
  /**
   * What to measure.
   *
   * @param model who is measured
   * @param dataPath on what
   * @param kind what its records are, or null to see by the first of them
   * @param tasks whether the model answers itself where an answer can be checked
   * @param maxSamples records taken from the beginning, or null for all
   * @param maxSeqLen where rows are cut
   * @param maxNewTokens longest answer
   * @param batchSize rows at once
   * @param badLines what becomes of lines that are no records
   * @param maxBad share of lines that may be skipped
   * @param output file for the figures as JSON, or null for none
   */
  public record Options(
      ModelChoice model,
      @Option(help = "JSONL file to measure on, plain, gzip or zstd") Path dataPath,
      @Option(help = "what its records are; none looks at the first of them") RecordKind kind,
      @Option(help = "let the model answer where records name a task or reason, and check it")
          boolean tasks,
      @Option(help = "records to take from the beginning; none takes all") Long maxSamples,
      @Option(help = "where rows are cut", unit = "tokens") int maxSeqLen,
      @Option(help = "longest answer", unit = "tokens") int maxNewTokens,
      @Option(help = "rows at once", unit = "rows") int batchSize,
      @Option(help = "what to do with lines that are no records") DataOptions.Lines badLines,
      @Option(help = "share of lines that may be skipped") double maxBad,
      @Option(help = "file for the figures as JSON") Path output) {
    static final Options DEFAULT =
        new Options(
            ModelChoice.of("full_sft"),
            null,
            null,
            true,
            null,
            2048,
            128,
            32,
            DataOptions.Lines.FAIL,
            BadLines.DEFAULT_CEILING,
            null);

    /** Checks the bounds. */
    public Options {
      if (maxSamples != null) Bounds.atLeast("max_samples", maxSamples, 1);
      Bounds.atLeast("max_seq_len", maxSeqLen, 3);
      Bounds.atLeast("max_new_tokens", maxNewTokens, 1);
      Bounds.atLeast("batch_size", batchSize, 1);
      Bounds.between("max_bad", maxBad, 0, 1);
    }

    private BadLines policy() {
      return switch (badLines) {
        case FAIL -> BadLines.FAIL;
        case SKIP -> new BadLines(true, maxBad);
      };
    }
  }

  @Override
  public String name() {
    return "eval";
  }

  @Override
  public String summary() {
    return "measures a model on a file: perplexity, bits per byte, preferences, tasks solved";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment) {
    Path file = options.dataPath();
    if (file == null) throw new ConfigException("--data_path is missing: a JSONL file");
    RecordKind kind = options.kind() == null ? RecordKind.of(file) : options.kind();
    List<JsonNode> records = records(file, kind, options, environment.console());
    try (var model = LoadedModel.load(options.model())) {
      String weight = model.weights().source().getFileName().toString();
      String adapted = options.model().loraWeight();
      var report =
          new Report(
              adapted == null ? weight : weight + " with " + adapted,
              file,
              kind.name().toLowerCase(Locale.ROOT),
              records.size());
      var measuring = new Measuring(model, options, kind, environment.console());
      measuring.predict(records, report);
      if (options.tasks() && kind != RecordKind.TEXT) measuring.ask(records, report);
      report.lines().forEach(environment.console()::info);
      if (options.output() != null) report.write(options.output());
      return ExitCode.OK;
    }
  }

  /** All in memory: a file to measure on is small. */
  private static List<JsonNode> records(
      Path file, RecordKind kind, Options options, Console console) {
    Long most = options.maxSamples();
    try (var reader = JsonlReader.open(file, kind.check(), options.policy())) {
      List<JsonNode> records = new ArrayList<>();
      while ((most == null || records.size() < most) && reader.hasNext()) {
        records.add(reader.next());
      }
      LineReport report = reader.report();
      if (report.bad() > 0) {
        console.warn("%d lines skipped; the first: %s".formatted(report.bad(), report.firstBad()));
      }
      return records;
    }
  }

  /** The measures of one kind of records. */
  private record Measuring(LoadedModel model, Options options, RecordKind kind, Console console) {
    /** How likely the model finds what the records say. */
    void predict(List<JsonNode> records, Report report) {
      Samples<JsonNode> samples = new InMemory(records);
      int cut = options.maxSeqLen();
      int batch = options.batchSize();
      try (var progress = console.progress("predict", records.size(), "record")) {
        switch (kind) {
          case TEXT -> {
            var texts = samples.map(record -> record.get(kind.field()).textValue());
            var rows = PretrainRows.of(texts, model.tokenizer(), cut);
            report.add(Likelihood.of(model.decoder(), model.tokenizer(), rows, batch, progress));
          }
          case CONVERSATIONS -> {
            var rows = SftRows.of(samples, encoder(), ChatOptions.plain(cut));
            report.add(Likelihood.of(model.decoder(), model.tokenizer(), rows, batch, progress));
          }
          case PREFERENCES -> {
            var pairs = PreferenceRows.of(samples, encoder(), ChatOptions.plain(cut));
            report.add(Preference.of(model.decoder(), model.tokenizer(), pairs, batch, progress));
          }
          case PROMPTS -> progress.update(records.size(), "nothing to predict");
        }
      }
    }

    /** Whether the model's own answers are right. */
    void ask(List<JsonNode> records, Report report) {
      long asked = Replies.asked(records, kind.field());
      if (asked == 0) return;
      try (var progress = console.progress("ask", asked, "record")) {
        var examiner =
            new Replies.Examiner(
                model.decoder(), encoder(), options.batchSize(), options.maxNewTokens());
        report.add(examiner.replies(records, kind.field(), progress));
      }
    }

    private ChatEncoder encoder() {
      return ChatEncoder.of(model.tokenizer());
    }
  }

  private record InMemory(List<JsonNode> records) implements Samples<JsonNode> {
    @Override
    public long size() {
      return records.size();
    }

    @Override
    public JsonNode get(long index) {
      return records.get(Math.toIntExact(index));
    }
  }
}
