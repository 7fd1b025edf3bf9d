package org.panamind.stage.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.panamind.stage.ConfigException;

/**
 * The file behind {@code --config}: one flat JSON object whose keys are option names. Unknown and
 * repeated keys and values of the wrong type are errors, since a typing error must not quietly
 * leave a default in place.
 */
public final class ConfigFile {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private ConfigFile() {}

  /**
   * Reads and checks a file.
   *
   * @param schemas what keys there are, each in one of them
   * @return option name to text, ready for {@link ConfigSchema#build}; null stands for no value
   * @throws ConfigException if the file cannot be read, is not such an object, or has an unknown
   *     key or a value of the wrong type; names file, key and value
   */
  public static Map<String, String> read(Path file, ConfigSchema<?>... schemas) {
    JsonNode root = parse(file);
    if (root == null || !root.isObject()) {
      throw new ConfigException(file + ": must be one JSON object, {\"batch_size\": 8, …}");
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      String name = entry.getKey();
      ConfigSchema<?> schema = schemaOf(name, file, schemas);
      OptionSpec option = schema.option(name);
      String label = file + ": \"" + name + "\"";
      String text = text(option, label, entry.getValue());
      schema.check(name, label, text);
      values.put(name, text);
    }
    return values;
  }

  private static ConfigSchema<?> schemaOf(String name, Path file, ConfigSchema<?>[] schemas) {
    List<String> known = new ArrayList<>();
    for (ConfigSchema<?> schema : schemas) {
      if (schema.option(name) != null) return schema;
      schema.options().forEach(option -> known.add(option.name()));
    }
    throw new ConfigException(
        file + ": unknown key \"" + name + "\"" + Nearest.suggestion(name, known, ""));
  }

  /** Writes an object as {@link #read} reads it, one key a line, in the map's order. */
  public static String write(Map<String, Object> values) {
    try {
      return JSON.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode parse(Path file) {
    try {
      return JSON.readTree(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException("--config is " + file + ", there is no such file", e);
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + ": not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          file + ":" + e.getLocation().getLineNr() + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new ConfigException("--config is " + file + ", which cannot be read: " + e, e);
    }
  }

  private static String text(OptionSpec option, String label, JsonNode value) {
    if (value.isNull() && option.nullable()) {
      return null;
    }
    return switch (option.kind()) {
      case INT, LONG -> expect(value.isIntegralNumber(), label, value, "a whole number");
      case DOUBLE -> expect(value.isNumber(), label, value, "a number");
      case BOOLEAN ->
          expect(value.isBoolean() || value.isInt(), label, value, "true, false, 1 or 0");
      // "nproc": 2 beside "nproc": "auto".
      case TEXT -> expect(value.isTextual() || value.isIntegralNumber(), label, value, "a string");
      case PATH, CHOICE -> expect(value.isTextual(), label, value, "a string");
      case LIST -> {
        boolean texts =
            value.isArray()
                && StreamSupport.stream(value.spliterator(), false)
                    .allMatch(item -> item.isTextual() && !item.asText().contains(","));
        expect(texts, label, value, "an array of strings without commas");
        yield String.join(
            ",", StreamSupport.stream(value.spliterator(), false).map(JsonNode::asText).toList());
      }
    };
  }

  private static String expect(boolean right, String label, JsonNode value, String what) {
    if (!right) {
      throw OptionValue.refused(label, value.toString(), "must be " + what);
    }
    return value.asText();
  }
}
