package org.panamind.host.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Nearest;
import org.panamind.stage.config.OptionKind;
import org.panamind.stage.config.OptionSpec;

/** Reads flags with Commons CLI, strictly: no abbreviations, no repeats, nothing unknown. */
public final class FlagParser {
  private static final List<String> TRUTHS = List.of("1", "0", "true", "false");

  private FlagParser() {}

  /**
   * A parsed command line.
   *
   * @param values option name to its text, in the order of the command line
   * @param words what is no flag and no flag's value
   */
  public record Flags(Map<String, String> values, List<String> words) {}

  /**
   * Reads the words that are left of a command line.
   *
   * @param options what flags there are; a bare {@link OptionKind#BOOLEAN} flag means true
   * @param takesWords whether words that are no flags are allowed
   * @throws ConfigException if a flag is unknown, lacks its value or is repeated, or a word is not
   *     allowed
   */
  public static Flags parse(Arguments arguments, List<OptionSpec> options, boolean takesWords) {
    Map<String, OptionSpec> byFlag =
        options.stream().collect(Collectors.toMap(OptionSpec::flag, Function.identity()));
    CommandLine line = parse(withValues(arguments.words(), byFlag), options);
    if (!takesWords && !line.getArgList().isEmpty()) {
      throw new ConfigException(
          "unexpected word \"" + line.getArgList().get(0) + "\"; flags begin with --");
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (Option option : line.getOptions()) {
      String before = values.put(option.getLongOpt(), option.getValue());
      if (before != null) {
        throw new ConfigException(
            "--%s is given twice (%s and %s)"
                .formatted(option.getLongOpt(), before, option.getValue()));
      }
    }
    return new Flags(values, List.copyOf(line.getArgList()));
  }

  private static CommandLine parse(List<String> words, List<OptionSpec> specs) {
    Options options = new Options();
    specs.forEach(spec -> options.addOption(Option.builder().longOpt(spec.name()).hasArg().get()));
    DefaultParser parser =
        DefaultParser.builder()
            .setAllowPartialMatching(false)
            .setStripLeadingAndTrailingQuotes(false)
            .get();
    try {
      return parser.parse(options, words.toArray(String[]::new));
    } catch (UnrecognizedOptionException e) {
      throw unknown(e.getOption(), specs);
    } catch (ParseException e) {
      throw new ConfigException(e.getMessage(), e);
    }
  }

  private static ConfigException unknown(String word, List<OptionSpec> specs) {
    String flag = word.split("=", 2)[0];
    String name = flag.replaceFirst("^-+", "");
    List<String> names = specs.stream().map(OptionSpec::name).toList();
    return new ConfigException("unknown flag " + flag + Nearest.suggestion(name, names, "--"));
  }

  /**
   * Joins each known flag with its value to {@code --name=value}. Commons CLI alone would take the
   * next flag for a value when a value is missing, and a word after a bare boolean flag for its
   * value.
   */
  private static List<String> withValues(List<String> words, Map<String, OptionSpec> byFlag) {
    List<String> joined = new ArrayList<>();
    int end = words.indexOf("--") < 0 ? words.size() : words.indexOf("--");
    for (int i = 0; i < end; i++) {
      String word = words.get(i);
      OptionSpec option = byFlag.get(word);
      String next = i + 1 < end ? words.get(i + 1) : null;
      if (option == null) {
        joined.add(word);
      } else if (option.kind() == OptionKind.BOOLEAN) {
        boolean given = next != null && TRUTHS.contains(next);
        joined.add(word + "=" + (given ? next : "true"));
        i += given ? 1 : 0;
      } else if (next == null || next.startsWith("--")) {
        throw new ConfigException(
            word + " needs a value (" + option.valueHint() + "), " + unitOrForm(word, next));
      } else {
        joined.add(word + "=" + next);
        i++;
      }
    }
    joined.addAll(words.subList(end, words.size()));
    return joined;
  }

  private static String unitOrForm(String word, String next) {
    return next == null
        ? "but is the last word"
        : "but " + next + " follows; a value that begins with -- is written " + word + "=VALUE";
  }
}
