package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways to cut strings to pieces and to put them together. */
final class Splitting {
  private Splitting() {}

  static List<Text> split(Text text, Given given) {
    given.of("sep", "maxsplit");
    int most = Operators.index(given.or(1, "maxsplit", -1L));
    return given.or(0, "sep", null) == null ? words(text, most) : at(text, separator(given), most);
  }

  static List<Text> splitFromEnd(Text text, Given given) {
    int most = Operators.index(given.of("sep", "maxsplit").or(1, "maxsplit", -1L));
    if (most < 0) {
      return split(text, given);
    }
    String separator = separator(given);
    List<Text> parts = new ArrayList<>();
    int end = text.length();
    for (int cut = 0; cut < most; cut++) {
      int found = text.toString().lastIndexOf(separator, end - separator.length());
      if (found < 0 || end < separator.length()) {
        break;
      }
      parts.add(text.substring(found + separator.length(), end));
      end = found;
    }
    parts.add(text.substring(0, end));
    Collections.reverse(parts);
    return parts;
  }

  private static String separator(Given given) {
    String separator = given.text(0, "sep");
    if (separator.isEmpty()) {
      throw new Fault("cannot split at an empty string");
    }
    return separator;
  }

  private static List<Text> at(Text text, String separator, int most) {
    List<Text> parts = new ArrayList<>();
    String chars = text.toString();
    int from = 0;
    for (int found = chars.indexOf(separator);
        found >= 0 && (most < 0 || parts.size() < most);
        found = chars.indexOf(separator, from)) {
      parts.add(text.substring(from, found));
      from = found + separator.length();
    }
    parts.add(text.substring(from, chars.length()));
    return parts;
  }

  private static List<Text> words(Text text, int most) {
    List<Text> words = new ArrayList<>();
    String chars = text.toString();
    int i = 0;
    while (true) {
      while (i < chars.length() && PythonText.isSpace(chars.charAt(i))) {
        i++;
      }
      if (i == chars.length()) {
        return words;
      }
      if (most >= 0 && words.size() == most) {
        words.add(text.substring(i, chars.length()));
        return words;
      }
      int start = i;
      while (i < chars.length() && !PythonText.isSpace(chars.charAt(i))) {
        i++;
      }
      words.add(text.substring(start, i));
    }
  }

  static List<Text> lines(Text text) {
    List<Text> lines = new ArrayList<>();
    String chars = text.toString();
    int from = 0;
    for (int i = 0; i < chars.length(); i++) {
      if (chars.charAt(i) == '\n' || chars.charAt(i) == '\r') {
        lines.add(text.substring(from, i));
        i += chars.startsWith("\r\n", i) ? 1 : 0;
        from = i + 1;
      }
    }
    if (from < chars.length()) {
      lines.add(text.substring(from, chars.length()));
    }
    return lines;
  }

  static int occurrences(String chars, String part) {
    if (part.isEmpty()) {
      return chars.codePointCount(0, chars.length()) + 1;
    }
    int count = 0;
    for (int i = chars.indexOf(part); i >= 0; i = chars.indexOf(part, i + part.length())) {
      count++;
    }
    return count;
  }

  static Text replace(Text text, Given given) {
    String old = given.text(0, "old");
    given.text(1, "new");
    Text by = (Text) given.need(1, "new");
    Object count = given.or(2, "count", null);
    int most = count == null ? -1 : Operators.index(count);
    if (old.isEmpty()) {
      throw new Fault("cannot replace an empty string");
    }
    return join(by, at(text, old, most));
  }

  static Text join(Text separator, List<?> parts) {
    TextBuilder out = new TextBuilder();
    for (int i = 0; i < parts.size(); i++) {
      if (i > 0) {
        out.append(separator);
      }
      out.append(PythonText.str(parts.get(i)));
    }
    return out.build();
  }
}
