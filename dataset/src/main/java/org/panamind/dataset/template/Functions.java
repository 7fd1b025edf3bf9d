package org.panamind.dataset.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The functions that every template has: Jinja's, and the two that transformers adds. */
final class Functions {
  /** The limit of Jinja's sandbox. */
  private static final int LONGEST_RANGE = 100_000;

  private Functions() {}

  /** An object whose attributes can be set from within loops. */
  record Namespace(Map<Text, Object> attributes) {}

  static Map<String, Object> all(Clock clock) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("range", (Callable) Functions::range);
    all.put("namespace", (Callable) given -> new Namespace(dict(given)));
    all.put("dict", (Callable) Functions::dict);
    all.put(
        "raise_exception",
        (Callable)
            given -> {
              throw new Fault(
                  "the template refuses this conversation: "
                      + given.of("message").text(0, "message"));
            });
    all.put(
        "strftime_now",
        (Callable) given -> Text.of(strftime(given.of("format").text(0, "format"), clock)));
    return all;
  }

  private static Map<Text, Object> dict(Given given) {
    Map<Text, Object> dict = new LinkedHashMap<>();
    if (given.positional().size() == 1 && given.positional().getFirst() instanceof Map<?, ?> map) {
      map.forEach((key, value) -> dict.put((Text) key, value));
    } else if (!given.positional().isEmpty()) {
      throw new Fault("takes a dict or named arguments");
    }
    given.named().forEach((name, value) -> dict.put(Text.of(name), value));
    return dict;
  }

  private static Object range(Given given) {
    List<Object> bounds = given.of("start", "stop", "step").positional();
    if (bounds.isEmpty()) {
      throw new Fault("range needs a number");
    }
    long from = bounds.size() == 1 ? 0 : Operators.index(bounds.get(0));
    long to = Operators.index(bounds.size() == 1 ? bounds.get(0) : bounds.get(1));
    long step = bounds.size() < 3 ? 1 : Operators.index(bounds.get(2));
    if (step == 0 || (to - from) / step > LONGEST_RANGE) {
      throw new Fault(
          "range(%d, %d, %d) is not from 0 to %d numbers".formatted(from, to, step, LONGEST_RANGE));
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      numbers.add(i);
    }
    return numbers;
  }

  private static String strftime(String format, Clock clock) {
    ZonedDateTime now = ZonedDateTime.now(clock);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      char field = format.charAt(++i);
      boolean bare = field == '-' && i + 1 < format.length();
      if (bare) {
        field = format.charAt(++i);
      }
      String value = field(field, now);
      out.append(bare && value.startsWith("0") && value.length() > 1 ? value.substring(1) : value);
    }
    return out.toString();
  }

  private static String field(char field, ZonedDateTime now) {
    String pattern =
        switch (field) {
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'm' -> "MM";
          case 'd' -> "dd";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'p' -> "a";
          case 'j' -> "DDD";
          case 'A' -> "EEEE";
          case 'a' -> "EEE";
          case 'B' -> "MMMM";
          case 'b' -> "MMM";
          case '%' -> "'%'";
          default -> throw new Fault("the date field \"%" + field + "\" is not supported");
        };
    return now.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
  }
}
