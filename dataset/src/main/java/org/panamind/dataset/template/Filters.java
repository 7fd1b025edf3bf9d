package org.panamind.dataset.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Jinja's filters, what stands behind {@code |}. */
final class Filters {
  private static final Set<String> NAMES =
      Set.of(
          "tojson",
          "trim",
          "length",
          "count",
          "join",
          "list",
          "upper",
          "lower",
          "capitalize",
          "title",
          "replace",
          "default",
          "d",
          "first",
          "last",
          "reverse",
          "items",
          "string",
          "int",
          "float",
          "abs",
          "round",
          "safe",
          "indent",
          "map",
          "select",
          "reject",
          "selectattr",
          "rejectattr",
          "sort",
          "dictsort",
          "unique",
          "min",
          "max",
          "sum");

  private Filters() {}

  static void require(String name, Place at) {
    if (!NAMES.contains(name)) {
      throw at.error("the filter \"" + name + "\" is not supported");
    }
  }

  static Object apply(String name, Object value, Given given) {
    return switch (name) {
      case "tojson" -> json(given).write(value);
      case "trim" -> Methods.stripped(PythonText.str(value), given.of("chars"), true, true);
      case "length", "count" -> length(value);
      case "list" -> new ArrayList<Object>(Operators.elements(value));
      case "upper", "lower", "capitalize", "title", "replace" -> ofText(name, value, given);
      case "default", "d" -> orDefault(value, given.of("default_value", "boolean"));
      case "first" -> first(Operators.elements(value));
      case "last" -> first(Operators.elements(value).reversed());
      case "reverse" -> reversed(value);
      case "items" -> items(value);
      case "string", "safe" -> PythonText.str(value);
      case "int", "float" -> number(name.equals("int"), value, given);
      case "abs" -> Operators.compare(value, 0L) < 0 ? Operators.negative(value) : value;
      case "round" -> round(value, given.of("precision", "method"));
      case "indent" -> indented(PythonText.str(value), given.of("width", "first", "blank"));
      default -> Selections.apply(name, value, given);
    };
  }

  private static PythonJson json(Given given) {
    given.of("indent", "ensure_ascii", "sort_keys", "separators");
    if (Operators.isTrue(given.or(1, "ensure_ascii", false)) || given.has(3, "separators")) {
      throw new Fault("tojson with ensure_ascii or separators is not supported");
    }
    Object indent = given.or(0, "indent", null);
    return new PythonJson(
        indent == null ? -1 : Operators.index(indent),
        Operators.isTrue(given.or(2, "sort_keys", false)));
  }

  private static long length(Object value) {
    return switch (value) {
      case Text text -> text.codePoints();
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case Undefined none -> 0;
      case null, default -> throw new Fault(Operators.nameOf(value) + " has no length");
    };
  }

  private static Text ofText(String name, Object value, Given given) {
    Text text = PythonText.str(value);
    return switch (name) {
      case "upper" -> text.withChars(text.toString().toUpperCase(Locale.ROOT));
      case "lower" -> text.withChars(text.toString().toLowerCase(Locale.ROOT));
      case "capitalize" -> Methods.capitalized(text);
      case "title" -> text.withChars(Methods.title(text.toString()));
      default -> Splitting.replace(text, given.of("old", "new", "count"));
    };
  }

  private static Object orDefault(Object value, Given given) {
    boolean missing =
        value instanceof Undefined
            || (Operators.isTrue(given.or(1, "boolean", false)) && !Operators.isTrue(value));
    return missing ? given.or(0, "default_value", Text.EMPTY) : value;
  }

  private static Object first(List<?> elements) {
    return elements.isEmpty() ? new Undefined("the first of nothing") : elements.getFirst();
  }

  private static Object reversed(Object value) {
    List<Object> elements = new ArrayList<>(Operators.elements(value));
    Collections.reverse(elements);
    return value instanceof Text ? Splitting.join(Text.EMPTY, elements) : elements;
  }

  private static List<Object> items(Object value) {
    return switch (value) {
      case Map<?, ?> map -> Methods.items(map);
      case Undefined none -> List.of();
      case null, default ->
          throw new Fault("items works on a dict, this is " + Operators.nameOf(value));
    };
  }

  private static Object number(boolean whole, Object value, Given given) {
    Object otherwise = given.of("default").or(0, "default", whole ? (Object) 0L : (Object) 0.0);
    try {
      return switch (value) {
        case Text text when whole && text.toString().strip().matches("[+-]?\\d+") ->
            Operators.whole(new BigInteger(text.toString().strip()));
        case Text text -> {
          double parsed = Double.parseDouble(text.toString().strip());
          yield whole ? Operators.whole(BigDecimal.valueOf(parsed).toBigInteger()) : parsed;
        }
        case Double d when whole -> Operators.whole(BigDecimal.valueOf(d).toBigInteger());
        case null -> otherwise;
        default -> {
          if (!Operators.isNumber(value)) {
            yield otherwise;
          }
          yield whole ? Operators.whole(Operators.big(value)) : (Object) Operators.real(value);
        }
      };
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static Object round(Object value, Given given) {
    RoundingMode mode =
        switch (given.or(1, "method", Text.of("common")).toString()) {
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> RoundingMode.HALF_EVEN;
        };
    int digits = Operators.index(given.or(0, "precision", 0L));
    double real = Operators.real(value);
    // Python rounds the exact binary value, so 2.675 goes down.
    return Double.isFinite(real) ? new BigDecimal(real).setScale(digits, mode).doubleValue() : real;
  }

  private static Text indented(Text text, Given given) {
    Object width = given.or(0, "width", 4L);
    Text margin =
        width instanceof Text own ? own : Text.of(" ".repeat(Math.max(0, Operators.index(width))));
    boolean first = Operators.isTrue(given.or(1, "first", false));
    boolean blank = Operators.isTrue(given.or(2, "blank", false));
    List<Text> lines = Splitting.lines(text.plus(Text.of("\n")));
    TextBuilder out = new TextBuilder();
    for (int i = 0; i < lines.size(); i++) {
      Text line = lines.get(i);
      boolean indent = i == 0 ? first : blank || line.length() > 0;
      out.append(i == 0 ? "" : "\n").append(indent ? margin : Text.EMPTY).append(line);
    }
    return out.build();
  }
}
