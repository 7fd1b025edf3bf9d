package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Attributes, items and slices. */
final class Access {
  private Access() {}

  /** {@code value.name}: a method, or else an item as Jinja looks it up. */
  static Object attribute(Object value, Text name) {
    if (value instanceof Functions.Namespace(Map<Text, Object> attributes)) {
      return attributes.containsKey(name) ? attributes.get(name) : missing(name);
    }
    if (value instanceof Loop loop) {
      return loop.attribute(name.toString());
    }
    Callable method = Methods.find(value, name.toString());
    if (method != null) {
      return method;
    }
    return value instanceof Map<?, ?> map && map.containsKey(name)
        ? map.get(name)
        : none(value, name);
  }

  /** {@code value[key]}. */
  static Object item(Object value, Object key) {
    return switch (value) {
      case Map<?, ?> map -> map.containsKey(key) ? map.get(key) : viaAttribute(value, key);
      case List<?> list when Operators.isNumber(key) -> {
        int index = place(Operators.index(key), list.size());
        yield index < 0 ? new Undefined("element " + key) : list.get(index);
      }
      case Text text when Operators.isNumber(key) -> {
        int index = place(Operators.index(key), text.codePoints());
        yield index < 0
            ? new Undefined("character " + key)
            : text.substring(text.offsetOf(index), text.offsetOf(index + 1));
      }
      case null, default -> viaAttribute(value, key);
    };
  }

  private static Object viaAttribute(Object value, Object key) {
    if (key instanceof Text name) {
      boolean own = value instanceof Functions.Namespace || value instanceof Loop;
      Callable method = Methods.find(value, name.toString());
      return own ? attribute(value, name) : method != null ? method : none(value, name);
    }
    return none(value, PythonText.str(key));
  }

  /** Where counting from the end is allowed, or -1 for outside. */
  private static int place(int index, int size) {
    int place = index < 0 ? index + size : index;
    return place < size ? Math.max(-1, place) : -1;
  }

  private static Undefined none(Object value, Text name) {
    if (value instanceof Undefined u) {
      throw new Fault(u.what() + " is not defined, so it has no \"" + name + '"');
    }
    return missing(name);
  }

  private static Undefined missing(Text name) {
    return new Undefined('"' + name.toString() + '"');
  }

  /** {@code value[from:to:step]} as Python cuts; bounds may be null. */
  static Object slice(Object value, Object from, Object to, Object step) {
    int by = step == null ? 1 : Operators.index(step);
    if (by == 0) {
      throw new Fault("a slice cannot have step 0");
    }
    if (!(value instanceof List) && !(value instanceof Text)) {
      throw new Fault("cannot slice " + Operators.nameOf(value));
    }
    List<?> elements = Operators.elements(value);
    int size = elements.size();
    int low = by > 0 ? 0 : -1;
    int high = by > 0 ? size : size - 1;
    int start = bound(from, size, by > 0 ? low : high, low, high);
    int end = bound(to, size, by > 0 ? high : low, low, high);
    List<Object> out = new ArrayList<>();
    for (long i = start; by > 0 ? i < end : i > end; i += by) {
      out.add(elements.get((int) i));
    }
    return value instanceof Text ? Splitting.join(Text.EMPTY, out) : out;
  }

  private static int bound(Object given, int size, int otherwise, int low, int high) {
    if (given == null) {
      return otherwise;
    }
    int index = Operators.index(given);
    return Math.clamp(index < 0 ? (long) index + size : index, low, high);
  }
}
