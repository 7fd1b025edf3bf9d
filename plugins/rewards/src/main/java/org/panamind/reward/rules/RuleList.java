package org.panamind.reward.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Nearest;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;

/** Rules with their weights. */
record RuleList(List<Weighted> rules) implements Reward {
  private static final Pattern ITEM =
      Pattern.compile("\\s*([a-z_]*)(?::([^=]*))?(?:=(.*))?\\s*", Pattern.DOTALL);

  private record Weighted(Rule rule, double weight) {}

  /**
   * Reads what follows {@code rules:}.
   *
   * @throws ConfigException if it is no list of rules; names the item and what there is
   */
  static RuleList parse(String argument) {
    var rules = new ArrayList<Weighted>();
    for (String item : argument.split(",", -1)) rules.add(parseItem(item, argument));
    return new RuleList(List.copyOf(rules));
  }

  private static Weighted parseItem(String item, String argument) {
    var matcher = ITEM.matcher(item);
    String name = matcher.matches() ? matcher.group(1) : item.strip();
    var kind = RuleKind.of(name);
    if (kind.isEmpty())
      throw refused(
          argument,
          "there is no rule \"%s\"%s; rules are %s"
              .formatted(
                  name,
                  Nearest.suggestion(name, RuleKind.names(), ""),
                  String.join(", ", RuleKind.names())));
    try {
      return new Weighted(kind.get().open(matcher.group(2)), weight(name, matcher.group(3)));
    } catch (ConfigException e) {
      throw refused(argument, e.getMessage());
    }
  }

  private static double weight(String name, String text) {
    try {
      double weight = text == null ? 1 : Double.parseDouble(text.strip());
      if (Double.isFinite(weight) && weight != 0) return weight;
    } catch (NumberFormatException e) {
      // Said below, as of a number that is none to weigh with.
    }
    throw new ConfigException(
        "the weight of %s is \"%s\", must be a number other than 0, as in %s=0.5"
            .formatted(name, text, name));
  }

  private static ConfigException refused(String argument, String why) {
    return new ConfigException("--reward rules:%s: %s".formatted(argument, why));
  }

  @Override
  public double[] score(List<Reply> replies) {
    return replies.stream().mapToDouble(this::score).toArray();
  }

  private double score(Reply reply) {
    double sum = 0;
    for (Weighted part : rules) sum += part.weight() * part.rule().score(reply);
    return sum;
  }
}
