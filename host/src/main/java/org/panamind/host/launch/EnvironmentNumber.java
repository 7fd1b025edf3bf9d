package org.panamind.host.launch;

import java.util.Map;
import org.panamind.stage.ConfigException;

/** Whole numbers in environment variables. */
final class EnvironmentNumber {
  private EnvironmentNumber() {}

  /**
   * A variable's value.
   *
   * @throws ConfigException if it is missing or no number of 0 or more
   */
  static int of(Map<String, String> environment, String name) {
    String text = environment.get(name);
    if (text == null || !text.matches("\\d{1,9}")) {
      throw new ConfigException(
          "the environment variable "
              + name
              + " is "
              + (text == null ? "missing" : "\"" + text + "\"")
              + ", must be a number of 0 or more");
    }
    return Integer.parseInt(text);
  }

  /** The same with a value where it is missing. */
  static int of(Map<String, String> environment, String name, int otherwise) {
    return environment.containsKey(name) ? of(environment, name) : otherwise;
  }
}
