package org.panamind.dataset.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Python's operators on the values of templates. */
final class Operators {
  private static final int MOST_ELEMENTS = 1_000_000;

  private Operators() {}

  static boolean isTrue(Object value) {
    return switch (value) {
      case null -> false;
      case Undefined u -> false;
      case Boolean b -> b;
      case Long n -> n != 0;
      case Double d -> d != 0;
      case Text text -> text.length() > 0;
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }

  static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  /** A whole number as {@code Long} where it fits. */
  static Object whole(BigInteger number) {
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
  }

  static BigInteger big(Object value) {
    return switch (value) {
      case Boolean b -> b ? BigInteger.ONE : BigInteger.ZERO;
      case Long n -> BigInteger.valueOf(n);
      case BigInteger n -> n;
      default -> throw new Fault("a whole number is needed, this is " + nameOf(value));
    };
  }

  static double real(Object value) {
    return value instanceof Double d ? d : big(value).doubleValue();
  }

  static int index(Object value) {
    BigInteger number = big(value);
    if (number.bitLength() >= Integer.SIZE) {
      throw new Fault("the number " + number + " is too large here");
    }
    return number.intValue();
  }

  static boolean equal(Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b) == 0;
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      if (left.size() != right.size()) {
        return false;
      }
      for (int i = 0; i < left.size(); i++) {
        if (!equal(left.get(i), right.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return left.size() == right.size()
          && left.entrySet().stream()
              .allMatch(
                  e -> right.containsKey(e.getKey()) && equal(e.getValue(), right.get(e.getKey())));
    }
    return a instanceof Undefined ? b instanceof Undefined : Objects.equals(a, b);
  }

  private static int compareNumbers(Object a, Object b) {
    boolean exact = !(a instanceof Double) && !(b instanceof Double);
    return exact ? big(a).compareTo(big(b)) : Double.compare(real(a) + 0.0, real(b) + 0.0);
  }

  /** Orders numbers among each other and texts among each other. */
  static int compare(Object a, Object b) {
    if (isNumber(a) && isNumber(b)) {
      return compareNumbers(a, b);
    }
    if (a instanceof Text left && b instanceof Text right) {
      return left.toString().compareTo(right.toString());
    }
    throw new Fault("cannot compare " + nameOf(a) + " with " + nameOf(b));
  }

  static boolean holds(String operator, Object a, Object b) {
    return switch (operator) {
      case "==" -> equal(a, b);
      case "!=" -> !equal(a, b);
      case "<" -> compare(a, b) < 0;
      case "<=" -> compare(a, b) <= 0;
      case ">" -> compare(a, b) > 0;
      case ">=" -> compare(a, b) >= 0;
      case "in" -> contains(b, a);
      case "not in" -> !contains(b, a);
      default -> throw new IllegalStateException("the parser knows no comparison " + operator);
    };
  }

  private static boolean contains(Object container, Object element) {
    return switch (container) {
      case Text text when element instanceof Text part -> text.toString().contains(part.toString());
      case Map<?, ?> map -> map.containsKey(element);
      case List<?> list -> list.stream().anyMatch(each -> equal(each, element));
      case Undefined none -> false;
      case null, default ->
          throw new Fault("cannot look for " + nameOf(element) + " in " + nameOf(container));
    };
  }

  static Object binary(String operator, Object a, Object b) {
    return switch (operator) {
      case "~" -> PythonText.str(a).plus(PythonText.str(b));
      case "+" -> plus(a, b);
      case "*" -> times(a, b);
      default -> arithmetic(operator, a, b);
    };
  }

  private static Object plus(Object a, Object b) {
    if (a instanceof Text left && b instanceof Text right) {
      return left.plus(right);
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      List<Object> both = new ArrayList<>(left);
      both.addAll(right);
      return both;
    }
    return arithmetic("+", a, b);
  }

  private static Object times(Object a, Object b) {
    if (isNumber(a) && (b instanceof Text || b instanceof List)) {
      return times(b, a);
    }
    if (a instanceof Text text && isNumber(b)) {
      int count = Math.max(0, index(b));
      TextBuilder out = new TextBuilder();
      for (int i = 0; i < count && text.length() > 0; i++) {
        out.append(text);
      }
      return out.build();
    }
    if (a instanceof List<?> list && isNumber(b)) {
      int count = Math.max(0, index(b));
      if ((long) count * list.size() > MOST_ELEMENTS) {
        throw new Fault("makes a list of more than " + MOST_ELEMENTS + " elements");
      }
      List<Object> out = new ArrayList<>();
      Collections.nCopies(count, list).forEach(out::addAll);
      return out;
    }
    return arithmetic("*", a, b);
  }

  private static Object arithmetic(String operator, Object a, Object b) {
    if (!isNumber(a) || !isNumber(b)) {
      throw new Fault(
          "\"%s\" does not work between %s and %s".formatted(operator, nameOf(a), nameOf(b)));
    }
    boolean exact = !(a instanceof Double) && !(b instanceof Double) && !operator.equals("/");
    if ("/%//".contains(operator) && real(b) == 0) {
      throw new Fault("division by zero");
    }
    if (exact && !(operator.equals("**") && big(b).signum() < 0)) {
      return exactly(operator, big(a), big(b));
    }
    double x = real(a);
    double y = real(b);
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "/" -> x / y;
      case "//" -> Math.floor(x / y);
      case "%" -> x - Math.floor(x / y) * y;
      case "**" -> Math.pow(x, y);
      default -> throw new IllegalStateException("the parser knows no operator " + operator);
    };
  }

  private static Object exactly(String operator, BigInteger a, BigInteger b) {
    return switch (operator) {
      case "+" -> whole(a.add(b));
      case "-" -> whole(a.subtract(b));
      case "*" -> whole(a.multiply(b));
      case "//" -> whole(floored(a, b));
      case "%" -> whole(a.subtract(floored(a, b).multiply(b)));
      case "**" -> {
        if (b.bitLength() > 10) {
          throw new Fault("the exponent " + b + " is too large");
        }
        yield whole(a.pow(b.intValue()));
      }
      default -> throw new IllegalStateException("the parser knows no operator " + operator);
    };
  }

  /** Python rounds quotients down, Java towards zero. */
  private static BigInteger floored(BigInteger a, BigInteger b) {
    BigInteger[] parts = a.divideAndRemainder(b);
    boolean down = parts[1].signum() != 0 && parts[1].signum() != b.signum();
    return down ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  static Object negative(Object value) {
    return value instanceof Double d ? (Object) (-d) : whole(big(value).negate());
  }

  /** The elements that a loop goes through: a list's, a dict's keys, a text's characters. */
  static List<?> elements(Object value) {
    return switch (value) {
      case List<?> list -> list;
      case Map<?, ?> map -> new ArrayList<>(map.keySet());
      case Text text -> characters(text);
      case Undefined none -> List.of();
      case null, default -> throw new Fault(nameOf(value) + " cannot be gone through");
    };
  }

  private static List<Text> characters(Text text) {
    List<Text> all = new ArrayList<>();
    String chars = text.toString();
    for (int i = 0; i < chars.length(); ) {
      int end = i + Character.charCount(chars.codePointAt(i));
      all.add(text.substring(i, end));
      i = end;
    }
    return all;
  }

  /** What kind of thing a value is, for messages. */
  static String nameOf(Object value) {
    return switch (value) {
      case null -> "none";
      case Undefined u -> u.what() + ", which is not defined";
      case Boolean b -> b ? "true" : "false";
      case Text text -> "a string";
      case Number number -> "a number";
      case List<?> list -> "a list";
      case Map<?, ?> map -> "a dict";
      default -> "a function";
    };
  }
}
