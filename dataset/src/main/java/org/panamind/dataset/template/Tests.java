package org.panamind.dataset.template;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Jinja's tests, what stands behind {@code is}. */
final class Tests {
  private static final Set<String> NAMES =
      Set.of(
          "defined",
          "undefined",
          "none",
          "string",
          "mapping",
          "iterable",
          "sequence",
          "boolean",
          "number",
          "integer",
          "float",
          "true",
          "false",
          "even",
          "odd",
          "divisibleby",
          "callable",
          "eq",
          "equalto",
          "ne",
          "lt",
          "lessthan",
          "le",
          "gt",
          "greaterthan",
          "ge",
          "in",
          "sameas",
          "lower",
          "upper");

  private Tests() {}

  static void require(String name, Place at) {
    if (!NAMES.contains(name)) {
      throw at.error("the test \"" + name + "\" is not supported");
    }
  }

  static boolean holds(String name, Object value, Given given) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "string" -> value instanceof Text;
      case "mapping" -> value instanceof Map;
      case "iterable", "sequence" -> isSequence(value);
      case "boolean" -> value instanceof Boolean;
      case "number" -> Operators.isNumber(value);
      case "integer" -> value instanceof Long || value instanceof BigInteger;
      case "float" -> value instanceof Double;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "even" -> !Operators.big(value).testBit(0);
      case "odd" -> Operators.big(value).testBit(0);
      case "divisibleby" -> Operators.equal(Operators.binary("%", value, given.need(0, "num")), 0L);
      case "callable" -> value instanceof Callable;
      case "sameas" -> value == given.need(0, "other") || isSameConstant(value, given);
      case "lower" -> isInCase(value, PythonText.str(value).toString().toLowerCase(Locale.ROOT));
      case "upper" -> isInCase(value, PythonText.str(value).toString().toUpperCase(Locale.ROOT));
      default -> Operators.holds(comparison(name), value, given.need(0, "other"));
    };
  }

  private static boolean isSequence(Object value) {
    return value instanceof Text
        || value instanceof List
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static boolean isSameConstant(Object value, Given given) {
    return value instanceof Boolean && value.equals(given.need(0, "other"));
  }

  private static boolean isInCase(Object value, String form) {
    String text = PythonText.str(value).toString();
    return text.equals(form) && text.chars().anyMatch(Character::isLetter);
  }

  private static String comparison(String name) {
    return switch (name) {
      case "eq", "equalto" -> "==";
      case "ne" -> "!=";
      case "lt", "lessthan" -> "<";
      case "le" -> "<=";
      case "gt", "greaterthan" -> ">";
      case "ge" -> ">=";
      default -> name;
    };
  }
}
