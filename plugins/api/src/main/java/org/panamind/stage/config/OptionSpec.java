package org.panamind.stage.config;

import java.util.List;

/**
 * One option as the walker found it.
 *
 * @param name snake_case, which is the JSON key and, behind {@code --}, the flag
 * @param kind what values it takes
 * @param help its sentence
 * @param unit of the value, may be empty
 * @param group its heading in the help
 * @param defaultText the default as a user would type it, {@code none} when there is no value
 * @param choices the values of a {@link OptionKind#CHOICE}, else empty
 * @param nullable whether {@code none} is a value
 */
public record OptionSpec(
    String name,
    OptionKind kind,
    String help,
    String unit,
    String group,
    String defaultText,
    List<String> choices,
    boolean nullable) {

  /** The heading of options that name no group. */
  public static final String DEFAULT_GROUP = "Options";

  /** Copies the list. */
  public OptionSpec {
    choices = List.copyOf(choices);
  }

  /** The flag, for example {@code --batch_size}. */
  public String flag() {
    return "--" + name;
  }

  /** What stands for the value in the help: the choices, or the kind's placeholder. */
  public String valueHint() {
    return kind == OptionKind.CHOICE ? String.join("|", choices) : kind.hint();
  }
}
