package org.panamind.dataset.template;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * JSON as Python's {@code json.dumps(value, ensure_ascii=False)} writes it, which is what
 * transformers' {@code tojson} does: a space behind commas and colons, Python's floats, nothing
 * escaped for HTML.
 *
 * @param indent spaces of each level, or -1 for one line
 * @param sorted whether keys are sorted
 */
record PythonJson(int indent, boolean sorted) {
  Text write(Object value) {
    TextBuilder out = new TextBuilder();
    write(value, 1, out);
    return out.build();
  }

  private void write(Object value, int level, TextBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case Boolean b -> out.append(b ? "true" : "false");
      case Double d -> out.append(real(d));
      case Number number -> out.append(number.toString());
      case Text text -> quoted(text, out);
      case List<?> list -> {
        out.append("[");
        for (int i = 0; i < list.size(); i++) {
          separate(i == 0, level, out);
          write(list.get(i), level + 1, out);
        }
        close(list.isEmpty(), level, out);
        out.append("]");
      }
      case Map<?, ?> map -> {
        out.append("{");
        boolean first = true;
        for (Map.Entry<?, ?> entry : entries(map)) {
          separate(first, level, out);
          first = false;
          quoted(key(entry.getKey()), out);
          out.append(": ");
          write(entry.getValue(), level + 1, out);
        }
        close(map.isEmpty(), level, out);
        out.append("}");
      }
      default -> throw new Fault("tojson does not work on " + Operators.nameOf(value));
    }
  }

  private List<? extends Map.Entry<?, ?>> entries(Map<?, ?> map) {
    List<? extends Map.Entry<?, ?>> entries = List.copyOf(map.entrySet());
    Comparator<Map.Entry<?, ?>> byKey = (a, b) -> Operators.compare(a.getKey(), b.getKey());
    return sorted ? entries.stream().sorted(byKey).toList() : entries;
  }

  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return Double.isInfinite(value) ? value > 0 ? "Infinity" : "-Infinity" : PythonText.real(value);
  }

  private static Text key(Object key) {
    return switch (key) {
      case Text text -> text;
      case null -> Text.of("null");
      case Boolean b -> Text.of(b ? "true" : "false");
      default -> PythonText.repr(key);
    };
  }

  private void separate(boolean first, int level, TextBuilder out) {
    if (indent < 0) {
      out.append(first ? "" : ", ");
    } else {
      out.append(first ? "\n" : ",\n").append(" ".repeat(indent * level));
    }
  }

  private void close(boolean empty, int level, TextBuilder out) {
    if (indent >= 0 && !empty) {
      out.append("\n").append(" ".repeat(indent * (level - 1)));
    }
  }

  private static void quoted(Text text, TextBuilder out) {
    out.append("\"");
    String chars = text.toString();
    int plain = 0;
    for (int i = 0; i < chars.length(); i++) {
      String escape = escape(chars.charAt(i));
      if (escape != null) {
        out.append(text.substring(plain, i)).append(escape, text.sourceAt(i));
        plain = i + 1;
      }
    }
    out.append(text.substring(plain, chars.length())).append("\"");
  }

  private static String escape(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      default -> c < ' ' ? "\\u%04x".formatted((int) c) : null;
    };
  }
}
