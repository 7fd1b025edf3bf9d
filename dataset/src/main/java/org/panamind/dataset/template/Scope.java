package org.panamind.dataset.template;

import java.util.HashMap;
import java.util.Map;

/** Variables: a loop's body and a macro have their own and see those around them. */
final class Scope {
  private final Scope outer;
  private final Map<String, Object> variables;

  Scope(Map<String, Object> variables) {
    this.outer = null;
    this.variables = new HashMap<>(variables);
  }

  Scope(Scope outer) {
    this.outer = outer;
    this.variables = new HashMap<>();
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.variables.get(name);
      if (value != null || scope.variables.containsKey(name)) {
        return value;
      }
    }
    return new Undefined('"' + name + '"');
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  void clear() {
    variables.clear();
  }
}
