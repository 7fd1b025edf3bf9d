package org.panamind.stage.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.function.Function;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.batch.BatchLoader;
import org.panamind.dataset.batch.BatchPlan;
import org.panamind.dataset.batch.RowSource;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.jsonl.JsonlFile;
import org.panamind.dataset.jsonl.LineCheck;
import org.panamind.dataset.order.SampleOrder;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.train.RowData;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;

/**
 * The conversations of a run: files, tokenizer, template. Without a file they are the sample's.
 * Owns files and tokenizer until {@link #close}.
 */
public final class ChatFiles implements AutoCloseable {
  private static final int AHEAD = 8;

  private final DataOptions options;
  private final TrainingOptions training;
  private final Kind kind;
  private final TrainingContext context;
  private final Path tokenizerFolder;
  private final Tokenizer tokenizer;
  private final ChatEncoder encoder;
  private final JsonlFile trained;
  private final JsonlFile measured;

  private ChatFiles(
      DataOptions options,
      TrainingOptions training,
      Kind kind,
      TrainingContext context,
      Path tokenizerFolder,
      Tokenizer tokenizer,
      ChatEncoder encoder,
      JsonlFile trained,
      JsonlFile measured) {
    this.options = options;
    this.training = training;
    this.kind = kind;
    this.context = context;
    this.tokenizerFolder = tokenizerFolder;
    this.tokenizer = tokenizer;
    this.encoder = encoder;
    this.trained = trained;
    this.measured = measured;
  }

  /**
   * What kind of records a stage reads.
   *
   * @param check what each line must be
   * @param sample made up when the user gave no file
   * @param conversation field of a record that holds one
   */
  public record Kind(LineCheck check, SampleChats sample, String conversation) {
    /** Records with {@code conversations}. */
    public Kind(LineCheck check, SampleChats sample) {
      this(check, sample, "conversations");
    }
  }

  /**
   * Opens the files and the tokenizer that the weights were trained with.
   *
   * @param weights what the run starts from, or null
   * @throws org.panamind.dataset.DataException if a line is no such record, or the tokenizer has no
   *     chat template
   * @throws org.panamind.stage.ConfigException if there is no tokenizer
   */
  public static ChatFiles open(
      DataOptions options,
      TrainingOptions training,
      Kind kind,
      Path weights,
      TrainingContext context) {
    options.requireFiles();
    Path folder =
        options.tokenizerPath() == null
            ? SavedTokenizer.folderOf(weights, training.saveDir())
            : options.tokenizerPath();
    var opened = new Opened();
    try {
      var tokenizer = opened.add(SavedTokenizer.load(folder));
      var encoder = ChatEncoder.of(tokenizer);
      var paths = paths(options, training, kind, context);
      var trained = opened.add(open(paths.training(), options, kind, context));
      var measured =
          paths.heldOut() == null
              ? null
              : opened.add(open(paths.heldOut(), options, kind, context));
      return new ChatFiles(
          options, training, kind, context, folder, tokenizer, encoder, trained, measured);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private record Paths(Path training, Path heldOut) {}

  private static Paths paths(
      DataOptions options, TrainingOptions training, Kind kind, TrainingContext context) {
    if (options.dataPath() != null) return new Paths(options.dataPath(), options.valPath());
    var sample = kind.sample().write(training.saveDir().resolve("sample"), training.seed());
    context
        .console()
        .info("no --data_path: a small model learns the sample data, " + sample.training());
    return new Paths(sample.training(), sample.heldOut());
  }

  private static JsonlFile open(
      Path path, DataOptions options, Kind kind, TrainingContext context) {
    var file = JsonlFile.open(path, kind.check(), options.policy());
    var skipped = DataOptions.skipped(file);
    if (!skipped.isEmpty()) context.console().warn(skipped);
    return file;
  }

  /**
   * Rows to train on and to measure on, numbered through where both come from one file.
   *
   * @param making records to rows
   */
  public <R> DataOptions.Parts<R> rows(Function<Samples<JsonNode>, Samples<R>> making) {
    if (measured != null)
      return new DataOptions.Parts<>(making.apply(trained), making.apply(measured));
    return options.split(making.apply(trained), training.seed());
  }

  /** Rows in batches, shuffled for training, in their order for measuring. */
  public <R, B> RowData<R, B> batches(DataOptions.Parts<R> rows, BatchForm<R, B> form) {
    int pad = tokenizer.specialTokens().padId();
    var shuffled = SampleOrder.shuffled(rows.training().size(), training.seed());
    return new RowData<>(
        RowSource.inOrder(rows.training(), shuffled),
        rows.heldOut() == null ? null : inOrder(rows.heldOut()),
        form,
        new BatchPlan(training.batchSize(), context.share(), pad),
        new BatchLoader.Prefetch(training.numWorkers(), AHEAD));
  }

  private static <R> RowSource<R> inOrder(Samples<R> rows) {
    return RowSource.inOrder(rows, SampleOrder.asNumbered(rows.size()));
  }

  /** A conversation that was not trained on, where any is held out. */
  public Conversation question() {
    var parts = rows(records -> records);
    var record = (parts.heldOut() == null ? parts.training() : parts.heldOut()).get(0);
    return Conversation.of(record.get(kind.conversation()));
  }

  /** Turns conversations into ids. */
  public ChatEncoder encoder() {
    return encoder;
  }

  /** Of the weights; borrowed. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Where the tokenizer lies. */
  public Path tokenizerFolder() {
    return tokenizerFolder;
  }

  @Override
  public void close() {
    trained.close();
    if (measured != null) measured.close();
    tokenizer.close();
  }

  /** What is closed again when opening fails on the way. */
  private static final class Opened {
    private Tokenizer tokenizer;
    private JsonlFile file;

    Tokenizer add(Tokenizer opened) {
      tokenizer = opened;
      return opened;
    }

    JsonlFile add(JsonlFile opened) {
      if (file == null) file = opened;
      return opened;
    }

    void close() {
      if (file != null) file.close();
      if (tokenizer != null) tokenizer.close();
    }
  }
}
