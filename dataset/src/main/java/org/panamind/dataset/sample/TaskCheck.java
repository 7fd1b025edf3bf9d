package org.panamind.dataset.sample;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says whether a reply to a sample record is right. Such a record names its {@code task} and holds
 * what is right as {@code answer}.
 */
public final class TaskCheck {
  /** Two numbers below ten to add. */
  public static final String SUM = "sum";

  /** Letters to say again. */
  public static final String COPY = "copy";

  /** Digits to put in order. */
  public static final String SORT = "sort";

  /** Letters to say backwards. */
  public static final String REVERSE = "reverse";

  /** The colour of a thing in a story. */
  public static final String COLOUR = "colour";

  /** Who the model is. */
  public static final String WHO = "who";

  /** One of two things to choose, either of them right. */
  public static final String PICK = "pick";

  /** What LoRA teaches the model about itself; the answer is a word that the reply must have. */
  public static final String IDENTITY = "identity";

  /** All tasks, in the order of reports. */
  public static final List<String> TASKS =
      List.of(SUM, COPY, SORT, REVERSE, COLOUR, WHO, PICK, IDENTITY);

  /** Stands between answers that are right alike. */
  static final String OR = " | ";

  private static final Pattern REASONED =
      Pattern.compile(
          "\\s*<think>\\n(?<thinking>.+?)\\n</think>\\n+<answer>\\n(?<answer>.+?)\\n</answer>\\s*",
          Pattern.DOTALL);

  private TaskCheck() {}

  /** The task of a record, empty for a record that is no sample. */
  public static String taskOf(JsonNode record) {
    return record.path("task").asText("");
  }

  /**
   * Whether a reply is right. White space at its ends and a full stop do not matter; of a reasoned
   * reply the answer counts.
   *
   * @param record with {@code task} and {@code answer}
   * @param reply what the model said, without its end of turn
   * @throws IllegalArgumentException if the record names no known task
   */
  public static boolean isRight(JsonNode record, String reply) {
    return isRight(taskOf(record), record.path("answer").asText(), reply);
  }

  /**
   * Whether a reply is right.
   *
   * @param task one of {@link #TASKS}
   * @param answer what the record says is right
   * @throws IllegalArgumentException if the task is unknown
   */
  public static boolean isRight(String task, String answer, String reply) {
    if (!TASKS.contains(task)) {
      throw new IllegalArgumentException(
          "the task \"%s\" is unknown; known are %s".formatted(task, String.join(", ", TASKS)));
    }
    String said = bare(answerIn(reply));
    return task.equals(IDENTITY)
        ? said.contains(answer)
        : Arrays.stream(rightOnes(answer)).anyMatch(a -> bare(a).equals(said));
  }

  /** The answers that are right alike. */
  static String[] rightOnes(String answer) {
    return answer.split(Pattern.quote(OR));
  }

  /** Whether a reply is a thinking block and then an answer block, each on lines of its own. */
  public static boolean isWellFormed(String reply) {
    Matcher matcher = REASONED.matcher(reply);
    return matcher.matches() && count(reply, "<think>") == 1 && count(reply, "<answer>") == 1;
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private static String answerIn(String reply) {
    Matcher matcher = REASONED.matcher(reply);
    return matcher.matches()
        ? matcher.group("answer")
        : reply.replace("<think>\n\n</think>\n\n", "");
  }

  private static String bare(String text) {
    return text.strip().replaceFirst("[.。]$", "").strip();
  }
}
