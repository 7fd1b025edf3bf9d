package org.panamind.dataset.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Java's and Jackson's values as templates see them. */
final class TemplateValues {
  private TemplateValues() {}

  static Object of(Object value) {
    return switch (value) {
      case null -> null;
      case String string -> Text.of(string);
      case Text text -> text;
      case Boolean b -> b;
      case Integer n -> n.longValue();
      case Long n -> n;
      case BigInteger n -> Operators.whole(n);
      case Float f -> f.doubleValue();
      case Double d -> d;
      case List<?> list -> {
        List<Object> out = new ArrayList<>(list.size());
        list.forEach(each -> out.add(of(each)));
        yield out;
      }
      case Map<?, ?> map -> {
        Map<Object, Object> out = new LinkedHashMap<>();
        map.forEach((key, each) -> out.put(of(key), of(each)));
        yield out;
      }
      case JsonNode json -> of(json, Text.TEMPLATE);
      default ->
          throw new IllegalArgumentException(
              "a template takes no value of " + value.getClass().getName());
    };
  }

  static Object of(JsonNode value, int source) {
    return switch (value.getNodeType()) {
      case STRING -> text(value.textValue(), source);
      case BOOLEAN -> value.booleanValue();
      case NUMBER ->
          value.isIntegralNumber()
              ? Operators.whole(value.bigIntegerValue())
              : (Object) value.doubleValue();
      case ARRAY -> {
        List<Object> out = new ArrayList<>(value.size());
        value.forEach(each -> out.add(of(each, source)));
        yield out;
      }
      case OBJECT -> {
        Map<Object, Object> out = new LinkedHashMap<>();
        value
            .properties()
            .forEach(entry -> out.put(text(entry.getKey(), source), of(entry.getValue(), source)));
        yield out;
      }
      default -> null;
    };
  }

  private static Text text(String chars, int source) {
    return source == Text.TEMPLATE ? Text.of(chars) : Text.of(chars, source);
  }
}
