package org.panamind.stage.pretrain;

import java.nio.file.Path;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.batch.BatchLoader;
import org.panamind.dataset.batch.BatchPlan;
import org.panamind.dataset.batch.DocumentLengths;
import org.panamind.dataset.batch.PackedRows;
import org.panamind.dataset.batch.PretrainRows;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.batch.RowSource;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlFile;
import org.panamind.dataset.jsonl.JsonlReader;
import org.panamind.dataset.jsonl.LineCheck;
import org.panamind.dataset.order.SampleOrder;
import org.panamind.dataset.sample.SampleText;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.train.RowData;
import org.panamind.stage.train.TrainingContext;

/**
 * The text of a run: files, tokenizer, rows. Without a file it is the sample text with a vocabulary
 * of its own.
 */
final class PretrainText implements AutoCloseable {
  private static final String FIELD = "text";

  /** The sample text holds about 1,470 different tokens; fewer make its words of several. */
  private static final int SAMPLE_VOCAB_SIZE = 1000;

  private static final int AHEAD = 8;
  private static final int PROMPT_CHARACTERS = 12;

  private final PretrainConfig config;
  private final Path tokenizerFolder;
  private final Tokenizer tokenizer;
  private final JsonlFile training;
  private final JsonlFile heldOut;
  private final RowData<Row, Batch> rows;
  private final String prompt;

  private PretrainText(
      PretrainConfig config,
      Path file,
      Path measured,
      Path tokenizerFolder,
      TrainingContext context) {
    this.config = config;
    this.tokenizerFolder = tokenizerFolder;
    this.tokenizer = SavedTokenizer.load(tokenizerFolder);
    try {
      this.training = open(file, context);
      this.heldOut = measured == null ? null : open(measured, context);
      DataOptions.Parts<String> parts = parts();
      this.prompt = prompt(parts.heldOut() == null ? parts.training() : parts.heldOut());
      this.rows = rows(parts, context);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private RowData<Row, Batch> rows(DataOptions.Parts<String> parts, TrainingContext context) {
    var training = config.training();
    return new RowData<>(
        rows(parts.training(), true),
        parts.heldOut() == null ? null : rows(parts.heldOut(), false),
        BatchForm.ROWS,
        new BatchPlan(training.batchSize(), context.share(), tokenizer.specialTokens().padId()),
        new BatchLoader.Prefetch(training.numWorkers(), AHEAD));
  }

  private static String prompt(Samples<String> texts) {
    String first = texts.get(0);
    int characters = Math.min(PROMPT_CHARACTERS, first.codePointCount(0, first.length()));
    return first.substring(0, first.offsetByCodePoints(0, characters));
  }

  static PretrainText open(PretrainConfig config, TrainingContext context) {
    DataOptions data = config.data();
    Path out = config.training().saveDir();
    data.requireFiles();
    if (data.dataPath() != null) {
      Path tokenizer =
          data.tokenizerPath() == null ? SavedTokenizer.defaultFolder(out) : data.tokenizerPath();
      return new PretrainText(config, data.dataPath(), data.valPath(), tokenizer, context);
    }
    var sample = SampleText.write(out.resolve("sample"), config.training().seed());
    Path tokenizer = data.tokenizerPath();
    if (tokenizer == null) {
      tokenizer = SavedTokenizer.sampleFolder(out);
      learnTokenizer(sample.training(), tokenizer);
    }
    context
        .console()
        .info("no --data_path: a small model learns the sample text, " + sample.training());
    return new PretrainText(config, sample.training(), sample.heldOut(), tokenizer, context);
  }

  private static void learnTokenizer(Path text, Path folder) {
    try (var reader = JsonlReader.open(text, LineCheck.text(FIELD), BadLines.FAIL)) {
      BpeTrainer.ofSize(SAMPLE_VOCAB_SIZE).train(reader.texts(FIELD)).writeTo(folder);
    }
  }

  private JsonlFile open(Path file, TrainingContext context) {
    var opened = JsonlFile.open(file, LineCheck.text(FIELD), config.data().policy());
    var skipped = DataOptions.skipped(opened);
    if (!skipped.isEmpty()) context.console().warn(skipped);
    return opened;
  }

  private DataOptions.Parts<String> parts() {
    if (heldOut != null)
      return new DataOptions.Parts<>(training.texts(FIELD), heldOut.texts(FIELD));
    return config.data().split(training.texts(FIELD), config.training().seed());
  }

  private RowSource<Row> rows(Samples<String> texts, boolean shuffled) {
    var order =
        shuffled
            ? SampleOrder.shuffled(texts.size(), config.training().seed())
            : SampleOrder.asNumbered(texts.size());
    int length = config.data().maxSeqLen();
    if (!config.pack()) return RowSource.inOrder(PretrainRows.of(texts, tokenizer, length), order);
    var documents = PretrainRows.documents(texts, tokenizer);
    return new PackedRows(documents, lengths(documents, shuffled), order, length);
  }

  /** Counting takes the whole text through the tokenizer; a resumed or repeated run need not. */
  private DocumentLengths lengths(Samples<int[]> documents, boolean training) {
    JsonlFile file = training || heldOut == null ? this.training : heldOut;
    var split = config.data().valShare() + " held out by seed " + config.training().seed();
    var key = String.join("; ", file.fingerprint(), tokenizer.fingerprint(), split);
    var name = training ? "lengths.training" : "lengths.held-out";
    var folder = config.training().saveDir().resolve("packing");
    return DocumentLengths.cached(folder.resolve(name), key, documents);
  }

  RowData<Row, Batch> rows() {
    return rows;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  Path tokenizerFolder() {
    return tokenizerFolder;
  }

  /** The beginning of a text that was not trained on. */
  String prompt() {
    return prompt;
  }

  @Override
  public void close() {
    if (training != null) training.close();
    if (heldOut != null) heldOut.close();
    tokenizer.close();
  }
}
