package org.panamind.host.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.panamind.dataset.DataException;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.PretrainRows;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.MaskView;
import org.panamind.dataset.jsonl.JsonlReader;
import org.panamind.dataset.rows.ChatOptions;
import org.panamind.dataset.rows.PreferencePair;
import org.panamind.dataset.rows.PreferenceRows;
import org.panamind.dataset.rows.PromptOptions;
import org.panamind.dataset.rows.PromptRows;
import org.panamind.dataset.rows.SftRows;
import org.panamind.dataset.tokenizer.Tokenizer;

/**
 * A record as the rows that a model is trained on, in text; nothing in it is by chance.
 *
 * @param tokenizer borrowed
 * @param maxSeqLen where rows are cut
 * @param mask whether supervised tokens are marked
 */
record SampleView(Tokenizer tokenizer, int maxSeqLen, boolean mask) {
  private static final MaskView PLAIN = new MaskView("", "");

  /**
   * The lines to print.
   *
   * @param index number of the record, bad lines not counted
   * @throws DataException if there is no such record
   */
  List<String> lines(Path file, RecordKind kind, long index) {
    Samples<JsonNode> record = record(file, kind, index);
    return switch (kind) {
      case TEXT -> {
        var texts = record.map(r -> r.get(kind.field()).textValue());
        yield row("", PretrainRows.of(texts, tokenizer, maxSeqLen).get(index));
      }
      case CONVERSATIONS -> row("", SftRows.of(record, encoder(), plain()).get(index));
      case PREFERENCES -> {
        PreferencePair pair = PreferenceRows.of(record, encoder(), plain()).get(index);
        List<String> lines = new ArrayList<>(row("chosen: ", pair.chosen()));
        lines.addAll(row("rejected: ", pair.rejected()));
        yield lines;
      }
      case PROMPTS -> {
        var options = new PromptOptions(maxSeqLen, 0, 0, 0);
        int[] ids = PromptRows.of(record, encoder(), options).get(index).ids();
        yield List.of(tokenizer.decode(ids), "prompt of " + ids.length + " tokens");
      }
    };
  }

  private List<String> row(String label, Row row) {
    String text = (mask ? MaskView.BRACKETS : PLAIN).of(row, tokenizer);
    return List.of(
        text,
        String.format(
            Locale.ROOT,
            "%s%d tokens, %d of them learned (%.1f %%)",
            label,
            row.length(),
            row.learnedCount(),
            100 * MaskView.supervisedShare(row)));
  }

  private ChatEncoder encoder() {
    return ChatEncoder.of(tokenizer);
  }

  private ChatOptions plain() {
    return ChatOptions.plain(maxSeqLen);
  }

  /** One record at its own number, read from the beginning so that nothing is left beside it. */
  private static Samples<JsonNode> record(Path file, RecordKind kind, long index) {
    try (var reader = JsonlReader.open(file, kind.check(), RecordKind.SKIP_ALL)) {
      for (long n = 0; n < index && reader.hasNext(); n++) reader.next();
      if (!reader.hasNext()) {
        throw DataException.inFile(
            file, "has only %d records; --index is %d".formatted(reader.report().good(), index));
      }
      return new One(reader.next(), index);
    }
  }

  private record One(JsonNode record, long index) implements Samples<JsonNode> {
    @Override
    public long size() {
      return index + 1;
    }

    @Override
    public JsonNode get(long number) {
      return record;
    }
  }
}
