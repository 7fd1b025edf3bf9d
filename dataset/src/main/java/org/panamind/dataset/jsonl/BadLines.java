package org.panamind.dataset.jsonl;

import org.panamind.dataset.DataException;

/**
 * What to do with lines that are no good records.
 *
 * @param skip whether to leave them out; otherwise the first one is an error
 * @param ceiling the share of all lines that may be left out, 0 to 1; at least one line may be,
 *     unless the share is 0
 */
public record BadLines(boolean skip, double ceiling) {
  /** The share of lines that may be skipped when nothing else is said: one in a thousand. */
  public static final double DEFAULT_CEILING = 0.001;

  /** The first bad line is an error. */
  public static final BadLines FAIL = new BadLines(false, 0);

  /** Bad lines are left out, up to {@link #DEFAULT_CEILING}. */
  public static final BadLines SKIP = new BadLines(true, DEFAULT_CEILING);

  /**
   * Checks the share.
   *
   * @throws IllegalArgumentException if it is not between 0 and 1
   */
  public BadLines {
    if (!(ceiling >= 0 && ceiling <= 1)) {
      throw new IllegalArgumentException(
          "the share of bad lines must be 0 to 1, this is " + ceiling);
    }
  }

  /**
   * Reads the value of {@code --bad_lines}.
   *
   * @param mode {@code fail} or {@code skip}
   * @param ceiling the share that {@code skip} may leave out
   * @throws IllegalArgumentException if the mode is another word
   */
  public static BadLines parse(String mode, double ceiling) {
    return switch (mode) {
      case "fail" -> FAIL;
      case "skip" -> new BadLines(true, ceiling);
      default ->
          throw new IllegalArgumentException("--bad_lines is fail or skip, not \"" + mode + "\"");
    };
  }

  /** Throws what the whole file's lines amount to, if they are too bad. */
  void judge(SourceFile source, LineReport report) {
    if (report.bad() == 0) {
      judgeCount(source, report);
      return;
    }
    if (!skip) {
      throw new DataException(report.firstBad() + ". Mend the line or pass --bad_lines skip.");
    }
    if (report.bad() > Math.ceil(ceiling * report.lines())) {
      throw DataException.inFile(
          source.path(),
          "%d of %d lines are bad (%.3g %%), more than the %.3g %% that may be skipped; the first: %s. Mend the file or pass a higher --max_bad."
              .formatted(
                  report.bad(),
                  report.lines(),
                  100.0 * report.bad() / report.lines(),
                  100 * ceiling,
                  report.firstBad()));
    }
    judgeCount(source, report);
  }

  private static void judgeCount(SourceFile source, LineReport report) {
    if (report.good() == 0) {
      throw report.bad() > 0
          ? DataException.inFile(source.path(), "has no good line; the first: " + report.firstBad())
          : source.empty();
    }
  }
}
