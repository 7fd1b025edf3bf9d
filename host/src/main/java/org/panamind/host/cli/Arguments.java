package org.panamind.host.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.panamind.stage.ConfigException;

/**
 * The words of a command line, with the names of flags already in snake_case ({@code --batch-size}
 * and {@code --batch_size} are one flag). What decides how the rest is read (the command, the
 * stage, the plugin folder) is taken from here first.
 */
public final class Arguments {
  private final List<String> words;

  private Arguments(List<String> words) {
    this.words = words;
  }

  /** Reads the arguments of {@code main}. */
  public static Arguments of(String... args) {
    List<String> words = new ArrayList<>();
    boolean flags = true;
    for (String word : args) {
      flags = flags && !word.equals("--");
      words.add(flags ? snakeCase(word) : word);
    }
    return new Arguments(words);
  }

  /** The words that are left, unmodifiable. */
  List<String> words() {
    return List.copyOf(words);
  }

  /** Whether no word is left. */
  public boolean isEmpty() {
    return words.isEmpty();
  }

  /** Takes the first word if it is no flag. */
  public Optional<String> takeCommand() {
    boolean flag = words.isEmpty() || words.get(0).startsWith("-");
    return flag ? Optional.empty() : Optional.of(words.remove(0));
  }

  /** Whether a flag stands there, with or without a value. */
  public boolean has(String name) {
    return indexOf(name) >= 0;
  }

  /** The value of a flag, which stays in place. */
  public Optional<String> peek(String name) {
    int at = indexOf(name);
    return at < 0 ? Optional.empty() : Optional.of(valueAt(at));
  }

  /**
   * Takes a flag and its value out.
   *
   * @throws ConfigException if it has no value or stands there twice
   */
  public Optional<String> take(String name) {
    int at = indexOf(name);
    if (at < 0) {
      return Optional.empty();
    }
    String value = valueAt(at);
    boolean joined = words.remove(at).contains("=");
    if (!joined) {
      words.remove(at);
    }
    if (has(name)) {
      throw new ConfigException("--" + name + " is given twice");
    }
    return Optional.of(value);
  }

  private String valueAt(int at) {
    String word = words.get(at);
    int equals = word.indexOf('=');
    if (equals >= 0) {
      return word.substring(equals + 1);
    }
    if (at + 1 == words.size() || words.get(at + 1).startsWith("--")) {
      throw new ConfigException(word + " needs a value");
    }
    return words.get(at + 1);
  }

  private int indexOf(String name) {
    for (int i = 0; i < words.size() && !words.get(i).equals("--"); i++) {
      if (words.get(i).equals("--" + name) || words.get(i).startsWith("--" + name + "=")) {
        return i;
      }
    }
    return -1;
  }

  private static String snakeCase(String word) {
    if (word.equals("-h")) {
      return "--help";
    }
    if (!word.startsWith("--") || word.length() == 2) {
      return word;
    }
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    return "--" + name.substring(2).replace('-', '_') + word.substring(name.length());
  }
}
