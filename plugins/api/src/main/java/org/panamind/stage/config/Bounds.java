package org.panamind.stage.config;

import org.panamind.stage.ConfigException;

/**
 * The checks of compact constructors. Each takes the option's name as the user knows it ({@code
 * batch_size}) and throws a {@link ConfigException} that names flag, value and bound.
 */
public final class Bounds {
  private Bounds() {}

  /** Requires {@code value >= least}. */
  public static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw refused(name, value, "must be at least " + least);
    }
  }

  /** Requires {@code value >= least}; NaN is refused. */
  public static void atLeast(String name, double value, double least) {
    if (!(value >= least)) {
      throw refused(name, value, "must be at least " + least);
    }
  }

  /** Requires a number above zero; NaN is refused. */
  public static void positive(String name, double value) {
    if (!(value > 0)) {
      throw refused(name, value, "must be above 0");
    }
  }

  /** Requires {@code least <= value <= most}. */
  public static void between(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw refused(name, value, "must be from " + least + " to " + most);
    }
  }

  /** Requires {@code least <= value <= most}; NaN is refused. */
  public static void between(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw refused(name, value, "must be from " + least + " to " + most);
    }
  }

  /**
   * Requires that something else holds; {@code rule} completes the sentence "--name is value, …".
   */
  public static void require(boolean holds, String name, Object value, String rule) {
    if (!holds) {
      throw refused(name, value, rule);
    }
  }

  private static ConfigException refused(String name, Object value, String rule) {
    return new ConfigException("--" + name + " is " + value + ", " + rule);
  }
}
