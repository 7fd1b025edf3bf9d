package org.panamind.host.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.panamind.dataset.AtomicFile;

/** Figures in the order of their measuring, as lines for people and as JSON for programs. */
final class Report {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode json = JSON.createObjectNode();
  private final List<String> lines = new ArrayList<>();

  Report(String weight, Path data, String kind, long records) {
    json.put("weight", weight).put("data", data.toString()).put("kind", kind);
    json.put("records", records);
    lines.add(String.format(Locale.ROOT, "%s on %s: %,d records", weight, data, records));
  }

  void add(Likelihood found) {
    json.put("supervised_tokens", found.tokens());
    if (found.tokens() == 0) {
      lines.add("  no token to predict: each row is cut before its first answer");
      return;
    }
    json.put("loss", found.loss()).put("perplexity", found.perplexity());
    line("perplexity", number("%.4g", found.perplexity()), "over %,d tokens", found.tokens());
    if (found.bytes() > 0) {
      json.put("bits_per_byte", found.bitsPerByte());
      line("bits per byte", number("%.4f", found.bitsPerByte()), "over %,d bytes", found.bytes());
    }
  }

  void add(Preference found) {
    json.put("preference_accuracy", found.accuracy());
    json.put("preference_accuracy_per_token", found.accuracyPerToken());
    json.put("preference_margin", found.meanMargin());
    line("preference accuracy", percent(found.accuracy()), "over %,d pairs", found.pairs());
    line("  per token", percent(found.accuracyPerToken()), "", 0);
    line("mean margin", number("%.4f", found.meanMargin()), "nats", 0);
  }

  void add(Replies found) {
    Replies.Share overall = found.overall();
    if (overall.all() > 0) {
      json.put("exact_match", overall.value());
      ObjectNode tasks = json.putObject("tasks");
      line("exact match", percent(overall.value()), "over %,d replies", overall.all());
      found
          .tasks()
          .forEach(
              (task, share) -> {
                tasks.putObject(task).put("exact_match", share.value()).put("records", share.all());
                line("  " + task, percent(share.value()), "over %,d", share.all());
              });
    }
    if (found.wellFormed().all() > 0) {
      json.put("well_formed", found.wellFormed().value());
      line(
          "well-formed reasoning",
          percent(found.wellFormed().value()),
          "over %,d replies",
          found.wellFormed().all());
    }
  }

  private void line(String name, String value, String over, long count) {
    String end = over.contains("%") ? String.format(Locale.ROOT, over, count) : over;
    lines.add(String.format(Locale.ROOT, "  %-24s %10s  %s", name, value, end).stripTrailing());
  }

  private static String percent(double share) {
    return number("%.1f %%", 100 * share);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  /** Writes the JSON whole or not at all. */
  void write(Path file) {
    byte[] bytes = (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> out.write(bytes));
  }
}
