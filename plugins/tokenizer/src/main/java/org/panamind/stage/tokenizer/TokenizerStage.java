package org.panamind.stage.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.bpe.BpeVocabulary;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlReader;
import org.panamind.dataset.jsonl.LineCheck;
import org.panamind.dataset.jsonl.LineReport;
import org.panamind.dataset.sample.SampleText;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.stage.Console;
import org.panamind.stage.StageContext;
import org.panamind.stage.ToolStage;
import org.pf4j.Extension;

/**
 * Learns a byte-level BPE vocabulary (Sennrich et al. 2016, arXiv:1508.07909; on bytes as in GPT-2)
 * from the texts of a JSONL file, writes it in Hugging Face's form, loads it back, and checks that
 * texts survive it.
 */
@Extension
public final class TokenizerStage implements ToolStage<TokenizerConfig> {
  private static final String TEXT = "text";
  private static final List<String> FILES = List.of("tokenizer.json", "tokenizer_config.json");

  /** The sample text holds too few words for MiniMind's 6,400 tokens. */
  private static final String SAMPLE_VOCAB_SIZE = "600";

  @Override
  public String name() {
    return "tokenizer";
  }

  @Override
  public String summary() {
    return "learns a byte-level BPE vocabulary and writes tokenizer.json";
  }

  @Override
  public Class<TokenizerConfig> config() {
    return TokenizerConfig.class;
  }

  @Override
  public Map<String, String> preset(Map<String, String> given) {
    return given.get("data_path") == null ? Map.of("vocab_size", SAMPLE_VOCAB_SIZE) : Map.of();
  }

  @Override
  public void run(TokenizerConfig config, StageContext context) throws IOException {
    Console console = context.console();
    Path data = config.dataPath();
    if (data == null) {
      data = SampleText.write(context.outFolder().resolve("sample"), config.seed()).training();
      console.info("no --data_path: learning from the sample text, " + data);
    }
    long start = System.nanoTime();
    BpeVocabulary vocabulary = learn(config, data, console);
    double seconds = (System.nanoTime() - start) / 1e9;
    console.info(
        String.format(
            Locale.ROOT,
            "%d tokens (%d merges) learned in %.1f s",
            vocabulary.tokens().size(),
            vocabulary.merges().size(),
            seconds));
    keepAside(config.tokenizerPath(), console);
    vocabulary.writeTo(config.tokenizerPath());
    check(config, data, console);
    console.info("wrote " + config.tokenizerPath().resolve("tokenizer.json"));
  }

  private static BpeVocabulary learn(TokenizerConfig config, Path data, Console console) {
    try (JsonlReader reader = open(config, data)) {
      BpeVocabulary vocabulary =
          BpeTrainer.ofSize(config.vocabSize()).train(documents(config, reader));
      LineReport report = reader.report();
      if (report.bad() > 0) {
        console.warn(
            "%d of %d lines skipped; the first: %s"
                .formatted(report.bad(), report.lines(), report.firstBad()));
      }
      return vocabulary;
    }
  }

  private static void check(TokenizerConfig config, Path data, Console console) {
    try (Tokenizer tokenizer = HuggingFaceTokenizer.load(config.tokenizerPath());
        JsonlReader reader = open(config, data)) {
      RoundTrip trip = RoundTrip.of(tokenizer, documents(config, reader));
      console.info(
          String.format(
              Locale.ROOT,
              "%d texts came back as they were; %.2f characters per token",
              trip.texts(),
              trip.charactersPerToken()));
    }
  }

  private static JsonlReader open(TokenizerConfig config, Path data) {
    BadLines badLines =
        switch (config.badLines()) {
          case FAIL -> BadLines.FAIL;
          case SKIP -> new BadLines(true, config.maxBad());
        };
    return JsonlReader.open(data, LineCheck.text(TEXT), badLines);
  }

  private static Iterator<String> documents(TokenizerConfig config, JsonlReader reader) {
    Iterator<String> all = reader.texts(TEXT);
    if (config.maxLines() == null) {
      return all;
    }
    Iterable<String> texts = () -> all;
    return StreamSupport.stream(texts.spliterator(), false).limit(config.maxLines()).iterator();
  }

  /** Models trained with the tokenizer that lies there would be lost without it. */
  private static void keepAside(Path folder, Console console) throws IOException {
    List<Path> present = FILES.stream().map(folder::resolve).filter(Files::exists).toList();
    if (present.isEmpty()) {
      return;
    }
    String now = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS"));
    Path backup = Files.createDirectories(folder.resolve("backup-" + now));
    for (Path file : present) {
      Files.move(file, backup.resolve(file.getFileName()));
    }
    console.warn("moved the earlier tokenizer to " + backup);
  }
}
