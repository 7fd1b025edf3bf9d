package org.panamind.host.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.stage.Stage;
import org.panamind.stage.config.OptionSpec;
import org.panamind.stage.train.Departure;
import org.panamind.stage.train.TrainingStage;

/** A page of help, put together from parts and wrapped to the width of the terminal. */
public final class HelpPage {
  private static final int LEFT_MOST = 34;

  private final StringBuilder page = new StringBuilder();
  private final int columns;

  private HelpPage(int columns) {
    this.columns = columns;
  }

  /**
   * Begins a page.
   *
   * @param heading its first line
   * @param columns width that text is wrapped to
   */
  public static HelpPage of(String heading, int columns) {
    HelpPage help = new HelpPage(Math.clamp(columns, 60, 120));
    help.page.append(heading).append('\n');
    return help;
  }

  /** Adds a paragraph. */
  public HelpPage paragraph(String text) {
    wrap(text, columns).forEach(line -> page.append(line).append('\n'));
    return this;
  }

  /** Adds options under the headings of their groups, in order of first appearance. */
  public HelpPage options(List<OptionSpec> options) {
    Map<String, Map<String, String>> groups = new LinkedHashMap<>();
    for (OptionSpec option : options) {
      groups
          .computeIfAbsent(option.group(), name -> new LinkedHashMap<>())
          .put(option.flag() + " " + option.valueHint(), explanation(option));
    }
    groups.forEach(this::table);
    return this;
  }

  /** Adds where {@code --compat} changes what a stage does; nothing for a stage without it. */
  public HelpPage departures(Stage<?> stage) {
    if (!(stage instanceof TrainingStage<?> training)) return this;
    Map<String, String> rows = new LinkedHashMap<>();
    for (Departure departure : training.departures()) {
      rows.put(
          departure.point(),
          "%s; with --compat: %s".formatted(departure.byDefault(), departure.inCompat()));
    }
    return table("Where --compat minimind2 and minimind3 differ", rows);
  }

  /** Adds a heading and lines of two columns. */
  public HelpPage table(String heading, Map<String, String> rows) {
    int left =
        Math.min(LEFT_MOST, rows.keySet().stream().mapToInt(String::length).max().orElse(0)) + 4;
    page.append('\n').append(heading).append('\n');
    rows.forEach(
        (key, text) -> {
          String first = "  " + key;
          if (first.length() >= left) {
            page.append(first).append('\n');
            first = "";
          }
          for (String line : wrap(text, columns - left)) {
            page.append(first).append(" ".repeat(left - first.length())).append(line).append('\n');
            first = "";
          }
        });
    return this;
  }

  /** The page, without a newline at its end. */
  public String text() {
    return page.toString().stripTrailing();
  }

  private static String explanation(OptionSpec option) {
    String unit = option.unit();
    String standard = option.defaultText();
    if (standard.isEmpty()) {
      standard = "empty";
    }
    if (unit.isEmpty()) {
      return option.help() + " (default " + standard + ")";
    }
    return standard.equals("none")
        ? option.help() + ", in " + unit + " (default none)"
        : option.help() + " (default " + standard + " " + unit + ")";
  }

  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
