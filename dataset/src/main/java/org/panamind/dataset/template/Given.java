package org.panamind.dataset.template;

import java.util.List;
import java.util.Map;

/** The values that a function, filter, test or method is called with. */
record Given(List<Object> positional, Map<String, Object> named) {
  static final Given NOTHING = new Given(List.of(), Map.of());

  /** Checks that there are at most as many as {@code names}, and none of another name. */
  Given of(String... names) {
    if (positional.size() > names.length) {
      throw new Fault(
          "takes at most %d arguments, these are %d".formatted(names.length, positional.size()));
    }
    for (String name : named.keySet()) {
      if (!List.of(names).contains(name)) {
        throw new Fault("takes no argument named \"" + name + '"');
      }
    }
    return this;
  }

  boolean has(int index, String name) {
    return index < positional.size() || named.containsKey(name);
  }

  Object or(int index, String name, Object otherwise) {
    return index < positional.size() ? positional.get(index) : named.getOrDefault(name, otherwise);
  }

  Object need(int index, String name) {
    if (!has(index, name)) {
      throw new Fault("needs an argument \"" + name + '"');
    }
    return or(index, name, null);
  }

  String text(int index, String name) {
    Object value = need(index, name);
    if (value instanceof Text text) {
      return text.toString();
    }
    throw new Fault("\"" + name + "\" must be a string, this is " + Operators.nameOf(value));
  }

  /** The same call without the first {@code count} positional values. */
  Given without(int count) {
    return new Given(
        positional.subList(Math.min(count, positional.size()), positional.size()), named);
  }
}
