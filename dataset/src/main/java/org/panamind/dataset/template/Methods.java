package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;

/** Python's methods of strings, dicts and lists. Those that change a value are left out. */
final class Methods {
  private static final Set<String> OF_TEXT =
      Set.of(
          "strip",
          "lstrip",
          "rstrip",
          "startswith",
          "endswith",
          "split",
          "rsplit",
          "splitlines",
          "title",
          "upper",
          "lower",
          "capitalize",
          "replace",
          "join",
          "find",
          "rfind",
          "index",
          "count",
          "isdigit",
          "isalpha",
          "isspace",
          "isupper",
          "islower",
          "removeprefix",
          "removesuffix",
          "partition",
          "rpartition");
  private static final Set<String> OF_DICT = Set.of("items", "keys", "values", "get");
  private static final Set<String> OF_LIST = Set.of("index", "count");

  private Methods() {}

  /** The method of a value, or null if it has none of this name. */
  static Callable find(Object value, String name) {
    return switch (value) {
      case Text text when OF_TEXT.contains(name) -> given -> call(text, name, given);
      case Map<?, ?> map when OF_DICT.contains(name) -> given -> call(map, name, given);
      case List<?> list when OF_LIST.contains(name) -> given -> call(list, name, given);
      case null, default -> null;
    };
  }

  private static Object call(Map<?, ?> map, String name, Given given) {
    return switch (name) {
      case "items" -> items(map);
      case "keys" -> new ArrayList<Object>(map.keySet());
      case "values" -> new ArrayList<Object>(map.values());
      default -> {
        given.of("key", "default");
        Object key = given.need(0, "key");
        yield map.containsKey(key) ? map.get(key) : given.or(1, "default", null);
      }
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(new Tuple(Arrays.asList(key, value))));
    return items;
  }

  private static Object call(List<?> list, String name, Given given) {
    Object wanted = given.of("value").need(0, "value");
    long count = list.stream().filter(each -> Operators.equal(each, wanted)).count();
    if (name.equals("count")) {
      return count;
    }
    for (int i = 0; i < list.size(); i++) {
      if (Operators.equal(list.get(i), wanted)) {
        return (long) i;
      }
    }
    throw new Fault("the list has no such element");
  }

  private static Object call(Text text, String name, Given given) {
    String chars = text.toString();
    return switch (name) {
      case "strip" -> stripped(text, given, true, true);
      case "lstrip" -> stripped(text, given, true, false);
      case "rstrip" -> stripped(text, given, false, true);
      case "startswith" -> matches(given, chars::startsWith);
      case "endswith" -> matches(given, chars::endsWith);
      case "split" -> Splitting.split(text, given);
      case "rsplit" -> Splitting.splitFromEnd(text, given);
      case "splitlines" -> Splitting.lines(text);
      case "partition", "rpartition" ->
          partition(text, given.text(0, "sep"), name.equals("partition"));
      case "title" -> text.withChars(title(chars));
      case "upper" -> text.withChars(chars.toUpperCase(Locale.ROOT));
      case "lower" -> text.withChars(chars.toLowerCase(Locale.ROOT));
      case "capitalize" -> capitalized(text);
      case "replace" -> Splitting.replace(text, given.of("old", "new", "count"));
      case "join" -> Splitting.join(text, Operators.elements(given.need(0, "iterable")));
      case "find" -> position(chars, chars.indexOf(given.text(0, "sub")));
      case "rfind" -> position(chars, chars.lastIndexOf(given.text(0, "sub")));
      case "index" -> {
        int at = chars.indexOf(given.text(0, "sub"));
        if (at < 0) {
          throw new Fault("the string has no such part");
        }
        yield position(chars, at);
      }
      case "count" -> (long) Splitting.occurrences(chars, given.text(0, "sub"));
      case "removeprefix" -> {
        String prefix = given.text(0, "prefix");
        yield chars.startsWith(prefix) ? text.substring(prefix.length(), chars.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = given.text(0, "suffix");
        yield chars.endsWith(suffix) ? text.substring(0, chars.length() - suffix.length()) : text;
      }
      case "isupper" -> Tests.holds("upper", text, Given.NOTHING);
      case "islower" -> Tests.holds("lower", text, Given.NOTHING);
      default -> isAll(chars, name);
    };
  }

  private static boolean isAll(String chars, String name) {
    IntPredicate is =
        switch (name) {
          case "isdigit" -> Character::isDigit;
          case "isalpha" -> Character::isLetter;
          default -> c -> PythonText.isSpace((char) c);
        };
    return !chars.isEmpty() && chars.codePoints().allMatch(is);
  }

  private static long position(String chars, int at) {
    return at < 0 ? -1 : chars.codePointCount(0, at);
  }

  private static boolean matches(Given given, java.util.function.Predicate<String> test) {
    Object wanted = given.need(0, "prefix");
    return wanted instanceof List<?> several
        ? several.stream().map(Objects::toString).anyMatch(test)
        : test.test(given.text(0, "prefix"));
  }

  /** Strips white space, or the given characters. */
  static Text stripped(Text text, Given given, boolean left, boolean right) {
    Object given0 = given.or(0, "chars", null);
    String set = given0 == null ? null : given.text(0, "chars");
    String chars = text.toString();
    int from = 0;
    int to = chars.length();
    while (left && from < to && goes(chars.charAt(from), set)) {
      from++;
    }
    while (right && to > from && goes(chars.charAt(to - 1), set)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean goes(char c, String set) {
    return set == null ? PythonText.isSpace(c) : set.indexOf(c) >= 0;
  }

  private static Tuple partition(Text text, String separator, boolean first) {
    String chars = text.toString();
    int at = first ? chars.indexOf(separator) : chars.lastIndexOf(separator);
    if (at < 0) {
      return new Tuple(
          first ? List.of(text, Text.EMPTY, Text.EMPTY) : List.of(Text.EMPTY, Text.EMPTY, text));
    }
    int end = at + separator.length();
    return new Tuple(
        List.of(
            text.substring(0, at), text.substring(at, end), text.substring(end, chars.length())));
  }

  static Text capitalized(Text text) {
    String chars = text.toString();
    if (chars.isEmpty()) {
      return text;
    }
    int first = chars.offsetByCodePoints(0, 1);
    return text.withChars(
        chars.substring(0, first).toUpperCase(Locale.ROOT)
            + chars.substring(first).toLowerCase(Locale.ROOT));
  }

  static String title(String chars) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int c : chars.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return out.toString();
  }
}
