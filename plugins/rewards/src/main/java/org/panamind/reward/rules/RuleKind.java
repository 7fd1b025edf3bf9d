package org.panamind.reward.rules;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.panamind.stage.ConfigException;

/** The rules by name; what each is worth stands at {@link RulesReward}. */
enum RuleKind {
  EXACT(reply -> RecordAnswer.isSaid(reply) ? 1 : 0),
  NUMERIC(reply -> RecordAnswer.isLastNumber(reply) ? 1 : 0),
  FORMAT(reply -> Blocks.format(reply.text())),
  TAGS(reply -> Blocks.tags(reply.text())),
  LENGTH(LengthBand::parse, "20-800"),
  REPETITION(Repetition::parse, "8"),
  ENDED(reply -> reply.ended() ? 1 : 0);

  private final Function<String, Rule> open;
  private final String defaultParameter;

  RuleKind(Rule rule) {
    this(unused -> rule, null);
  }

  RuleKind(Function<String, Rule> open, String defaultParameter) {
    this.open = open;
    this.defaultParameter = defaultParameter;
  }

  /** All names in the order of help. */
  static List<String> names() {
    return Arrays.stream(values()).map(RuleKind::text).toList();
  }

  static Optional<RuleKind> of(String name) {
    return Arrays.stream(values()).filter(kind -> kind.text().equals(name)).findFirst();
  }

  /**
   * The rule ready to score.
   *
   * @param parameter what stands behind the name's colon, or null
   * @throws ConfigException if the parameter means nothing to it
   */
  Rule open(String parameter) {
    if (parameter != null && defaultParameter == null)
      throw new ConfigException("the rule %s has no parameter".formatted(text()));
    return open.apply(parameter == null ? defaultParameter : parameter);
  }

  private String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
