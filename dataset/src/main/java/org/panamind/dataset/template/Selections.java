package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The filters that pick, order or combine the elements of a list. */
final class Selections {
  private Selections() {}

  static Object apply(String name, Object value, Given given) {
    if (name.equals("dictsort")) {
      return dictSorted(value);
    }
    List<?> elements = Operators.elements(value);
    return switch (name) {
      case "join" -> joined(elements, given.of("d", "attribute"));
      case "map" -> mapped(elements, given);
      case "select" -> selected(elements, given, true, false);
      case "reject" -> selected(elements, given, false, false);
      case "selectattr" -> selected(elements, given, true, true);
      case "rejectattr" -> selected(elements, given, false, true);
      case "sort" -> sorted(elements, given.of("reverse", "case_sensitive", "attribute"));
      case "unique" -> unique(elements);
      case "min" -> extreme(elements, -1);
      case "max" -> extreme(elements, 1);
      case "sum" -> sum(elements, given.of("attribute", "start"));
      default ->
          throw new IllegalStateException("the filter " + name + " was accepted but is none");
    };
  }

  private static Text joined(List<?> elements, Given given) {
    Object attribute = given.or(1, "attribute", null);
    List<?> parts =
        attribute == null ? elements : elements.stream().map(e -> path(e, attribute)).toList();
    return Splitting.join(PythonText.str(given.or(0, "d", Text.EMPTY)), parts);
  }

  /** An attribute of an element: a number, or names with points between them. */
  private static Object path(Object element, Object attribute) {
    Object value = element;
    for (String name : PythonText.str(attribute).toString().split("\\.")) {
      boolean number = name.chars().allMatch(Character::isDigit);
      value = Access.item(value, number ? (Object) Long.valueOf(name) : Text.of(name));
    }
    return value;
  }

  private static List<Object> mapped(List<?> elements, Given given) {
    List<Object> out = new ArrayList<>();
    if (given.positional().isEmpty()) {
      given.of("attribute", "default");
      Object attribute = given.need(0, "attribute");
      for (Object element : elements) {
        Object value = path(element, attribute);
        out.add(value instanceof Undefined ? given.or(1, "default", value) : value);
      }
      return out;
    }
    String filter = given.text(0, "filter");
    requireKnown(() -> Filters.require(filter, new Place(0, 0)), "filter", filter);
    for (Object element : elements) {
      out.add(Filters.apply(filter, element, given.without(1)));
    }
    return out;
  }

  private static void requireKnown(Runnable check, String kind, String name) {
    try {
      check.run();
    } catch (org.panamind.dataset.DataException e) {
      throw new Fault("the %s \"%s\" is not supported".formatted(kind, name));
    }
  }

  private static List<Object> selected(
      List<?> elements, Given given, boolean wanted, boolean byAttribute) {
    int test = byAttribute ? 1 : 0;
    boolean tested = given.positional().size() > test;
    String name = tested ? given.text(test, "test") : "";
    if (tested) {
      requireKnown(() -> Tests.require(name, new Place(0, 0)), "test", name);
    }
    Given rest = given.without(test + 1);
    List<Object> out = new ArrayList<>();
    for (Object element : elements) {
      Object value = byAttribute ? path(element, given.need(0, "attribute")) : element;
      if ((tested ? Tests.holds(name, value, rest) : Operators.isTrue(value)) == wanted) {
        out.add(element);
      }
    }
    return out;
  }

  private static List<Object> sorted(List<?> elements, Given given) {
    Object attribute = given.or(2, "attribute", null);
    boolean exact = Operators.isTrue(given.or(1, "case_sensitive", false));
    Comparator<Object> order =
        (a, b) -> Operators.compare(key(a, attribute, exact), key(b, attribute, exact));
    List<Object> out = new ArrayList<>(elements);
    out.sort(Operators.isTrue(given.or(0, "reverse", false)) ? order.reversed() : order);
    return out;
  }

  private static Object key(Object element, Object attribute, boolean exact) {
    Object key = attribute == null ? element : path(element, attribute);
    return key instanceof Text text && !exact
        ? text.withChars(text.toString().toLowerCase(Locale.ROOT))
        : key;
  }

  private static List<Object> dictSorted(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new Fault("dictsort works on a dict, this is " + Operators.nameOf(value));
    }
    List<Object> items = Methods.items(map);
    items.sort(
        (a, b) ->
            Operators.compare(
                key(((List<?>) a).getFirst(), null, false),
                key(((List<?>) b).getFirst(), null, false)));
    return items;
  }

  private static List<Object> unique(List<?> elements) {
    List<Object> out = new ArrayList<>();
    for (Object element : elements) {
      Object key = key(element, null, false);
      if (out.stream().noneMatch(known -> Operators.equal(key(known, null, false), key))) {
        out.add(element);
      }
    }
    return out;
  }

  private static Object extreme(List<?> elements, int sign) {
    Object best =
        elements.isEmpty() ? new Undefined("the extreme of nothing") : elements.getFirst();
    for (Object element : elements) {
      best = Operators.compare(element, best) * sign > 0 ? element : best;
    }
    return best;
  }

  private static Object sum(List<?> elements, Given given) {
    Object attribute = given.or(0, "attribute", null);
    Object sum = given.or(1, "start", 0L);
    for (Object element : elements) {
      sum = Operators.binary("+", sum, attribute == null ? element : path(element, attribute));
    }
    return sum;
  }
}
