package org.panamind.dataset.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a stage asks of each record, so that a bad line is found before training and not during it.
 */
public interface LineCheck {
  /**
   * Names this check with all that its verdict depends on. An index made under another signature is
   * made anew.
   */
  String signature();

  /**
   * Looks at one record, always a JSON object.
   *
   * @return what is wrong with it, such as {@code "text" is missing}, or nothing
   */
  Optional<String> complaint(JsonNode record);

  /** What a field must be. */
  enum Kind {
    /** A string, which may be empty. */
    TEXT("a string"),
    /** A number. */
    NUMBER("a number"),
    /** An array with at least one element. */
    LIST("a list with something in it"),
    /** An object. */
    OBJECT("an object");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    private boolean holds(JsonNode value) {
      return switch (this) {
        case TEXT -> value.isTextual();
        case NUMBER -> value.isNumber();
        case LIST -> value.isArray() && !value.isEmpty();
        case OBJECT -> value.isObject();
      };
    }
  }

  /** Asks for a string in {@code field}. */
  static LineCheck text(String field) {
    return fields(Map.of(field, Kind.TEXT));
  }

  /** Asks for every one of these fields, each of its kind; other fields may stand beside them. */
  static LineCheck fields(Map<String, Kind> kinds) {
    Map<String, Kind> sorted = new TreeMap<>(kinds);
    return new LineCheck() {
      @Override
      public String signature() {
        return "fields" + sorted;
      }

      @Override
      public Optional<String> complaint(JsonNode record) {
        for (Map.Entry<String, Kind> entry : sorted.entrySet()) {
          JsonNode value = record.get(entry.getKey());
          if (value == null) {
            return Optional.of('"' + entry.getKey() + "\" is missing");
          }
          if (!entry.getValue().holds(value)) {
            return Optional.of(
                "\"%s\" is %s, not %s"
                    .formatted(entry.getKey(), nameOf(value), entry.getValue().words));
          }
        }
        return Optional.empty();
      }
    };
  }

  private static String nameOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> value.isEmpty() ? "an empty list" : "a list";
      case OBJECT -> "an object";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case NULL -> "null";
      default -> "a string";
    };
  }
}
