package org.panamind.reward.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.text.Normalizer;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.panamind.dataset.sample.TaskCheck;
import org.panamind.reward.AnswerBlock;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.Reply;

/** What a line of data says is right. */
final class RecordAnswer {
  private static final int DATA = 65;
  private static final int SHOWN = 80;
  private static final List<String> FIELDS = List.of("answer", "ground_truth", "gt");

  /** A minus after a digit, letter or bracket is an operator. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?:(?<![\\w.)\\]])[-+])?(?:\\d{1,3}(?:,\\d{3})+(?!\\d)(?:\\.\\d+)?|\\d+(?:\\.\\d+)?|(?<!\\d)\\.\\d+)"
              + "(?:[eE][+-]?\\d{1,3}(?!\\d))?");

  private RecordAnswer() {}

  /** Whether the reply is what is right. */
  static boolean isSaid(Reply reply) {
    JsonNode record = reply.record();
    String answer = textOf(record);
    return TaskCheck.TASKS.contains(TaskCheck.taskOf(record))
        ? TaskCheck.isRight(TaskCheck.taskOf(record), answer, reply.text())
        : AnswerBlock.orAll(reply.text()).equals(answer.strip());
  }

  /** Whether the last number in the reply's answer equals the record's. */
  static boolean isLastNumber(Reply reply) {
    BigDecimal right =
        lastNumber(textOf(reply.record()))
            .orElseThrow(
                () ->
                    lacking(
                        "the answer \"%s\" has no number for the rule numeric"
                            .formatted(textOf(reply.record())),
                        reply.record()));
    return lastNumber(AnswerBlock.orAll(reply.text()))
        .filter(said -> said.compareTo(right) == 0)
        .isPresent();
  }

  /** Full-width digits and the typographic minus count as their plain forms. */
  private static Optional<BigDecimal> lastNumber(String text) {
    var plain = Normalizer.normalize(text, Normalizer.Form.NFKC).replace('\u2212', '-');
    return NUMBER
        .matcher(plain)
        .results()
        .reduce((first, second) -> second)
        .map(found -> new BigDecimal(found.group().replace(",", "")));
  }

  private static String textOf(JsonNode record) {
    for (String field : FIELDS) {
      JsonNode value = record.path(field);
      if (value.isTextual() || value.isNumber()) return value.asText();
    }
    throw lacking(
        "the rules exact and numeric need a string \"answer\", \"ground_truth\" or \"gt\"", record);
  }

  private static StageException lacking(String what, JsonNode record) {
    String line = record.toString();
    String shown = line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    return new StageException(
        DATA,
        "--reward rules: %s; the record is %s. Add it to the data or take other rules"
            .formatted(what, shown));
  }
}
