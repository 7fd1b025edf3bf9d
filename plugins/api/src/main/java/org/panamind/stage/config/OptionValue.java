package org.panamind.stage.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.panamind.stage.ConfigException;

/** The values of options: Java type to kind, text to value, value to text and to JSON. */
final class OptionValue {
  /** What stands for "no value" in flags and help. */
  static final String NONE = "none";

  private static final Map<Class<?>, OptionKind> KINDS =
      Map.of(
          int.class, OptionKind.INT,
          Integer.class, OptionKind.INT,
          long.class, OptionKind.LONG,
          Long.class, OptionKind.LONG,
          double.class, OptionKind.DOUBLE,
          Double.class, OptionKind.DOUBLE,
          boolean.class, OptionKind.BOOLEAN,
          String.class, OptionKind.TEXT,
          Path.class, OptionKind.PATH,
          List.class, OptionKind.LIST);

  private static final String DECIMAL = "[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?";

  private OptionValue() {}

  /** The kind of a component's type, or null when options cannot have that type. */
  static OptionKind kindOf(Class<?> type) {
    return type.isEnum() ? OptionKind.CHOICE : KINDS.get(type);
  }

  static List<String> choices(Class<?> type) {
    return type.isEnum()
        ? Stream.of(type.getEnumConstants()).map(OptionValue::choice).toList()
        : List.of();
  }

  /**
   * Reads a value.
   *
   * @param label what the message begins with: {@code --batch_size} or a file and key
   * @param text as typed; {@code none} or null for no value where the type has such
   * @throws ConfigException if the text is no value of this type
   */
  static Object parse(Class<?> type, String label, String text) {
    boolean noConstant = !choices(type).contains(NONE);
    if (text == null || (text.equals(NONE) && !type.isPrimitive() && noConstant)) {
      if (type.isPrimitive()) {
        throw refused(label, NONE, "must have a value");
      }
      return null;
    }
    return switch (kindOf(type)) {
      case INT -> (int) whole(label, text, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case LONG -> whole(label, text, Long.MIN_VALUE, Long.MAX_VALUE);
      case DOUBLE -> decimal(label, text);
      case BOOLEAN -> truth(label, text);
      case TEXT -> text;
      case PATH -> path(label, text);
      case CHOICE -> constant(type, label, text);
      case LIST ->
          text.isEmpty()
              ? List.of()
              : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    };
  }

  /** The value as a user would type it. */
  static String text(Object value) {
    return switch (value) {
      case null -> NONE;
      case Double number -> decimalText(number);
      case Enum<?> constant -> choice(constant);
      case List<?> list -> String.join(",", list.stream().map(String::valueOf).toList());
      default -> value.toString();
    };
  }

  /** The value as JSON has it: a number, a boolean, a string, a list of strings or null. */
  static Object json(Object value) {
    return switch (value) {
      case Enum<?> constant -> choice(constant);
      case Path path -> path.toString();
      case null, default -> value;
    };
  }

  static ConfigException refused(String label, String shown, String rule) {
    return new ConfigException(label + " is " + shown + ", " + rule);
  }

  private static String choice(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  private static long whole(String label, String text, long least, long most) {
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      if (!text.matches("[+-]?\\d+")) {
        throw refused(label, quoted(text), "must be a whole number");
      }
    }
    throw refused(label, text, "must be a whole number from " + least + " to " + most);
  }

  private static double decimal(String label, String text) {
    if (!text.matches(DECIMAL)) {
      throw refused(label, quoted(text), "must be a number, for example 0.1 or 5e-4");
    }
    double value = Double.parseDouble(text);
    if (Double.isInfinite(value)) {
      throw refused(label, text, "must be a number that 64 bits can hold");
    }
    return value;
  }

  private static boolean truth(String label, String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "1", "true" -> true;
      case "0", "false" -> false;
      default -> throw refused(label, quoted(text), "must be 1, 0, true or false");
    };
  }

  private static Path path(String label, String text) {
    if (text.isEmpty()) {
      throw refused(label, "empty", "must be a path");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw refused(label, quoted(text), "must be a path: " + e.getReason());
    }
  }

  private static Object constant(Class<?> type, String label, String text) {
    for (Object constant : type.getEnumConstants()) {
      if (choice(constant).equals(text.toLowerCase(Locale.ROOT).replace('-', '_'))) {
        return constant;
      }
    }
    throw refused(label, quoted(text), "must be one of " + String.join(", ", choices(type)));
  }

  /** {@code 5e-4} rather than {@code 5.0E-4}: the way the field writes learning rates. */
  private static String decimalText(double number) {
    return Double.toString(number).replace(".0E", "e").replace('E', 'e');
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }
}
