package org.panamind.dataset.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.panamind.dataset.DataException;

/**
 * Where Hugging Face's transformers look for a chat template: {@code chat_template.jinja} beside
 * the tokenizer, else {@code chat_template} in its config, a text or a list of named ones, of which
 * the one named {@code default} counts.
 */
final class SavedTemplate {
  private static final String KEY = "chat_template";
  private static final String DEFAULT = "default";

  private SavedTemplate() {}

  /**
   * The template, if there is any.
   *
   * @param configFile for messages
   * @param config what it holds
   * @throws DataException if what is there is no template, or none of several is the default
   */
  static Optional<String> find(Path configFile, JsonNode config) {
    Path alone = configFile.resolveSibling("chat_template.jinja");
    if (Files.exists(alone)) return Optional.of(TokenizerJson.read(alone));
    JsonNode found = config.path(KEY);
    if (found.isMissingNode() || found.isNull()) return Optional.empty();
    if (found.isTextual()) return Optional.of(found.textValue());
    if (!found.isArray()) {
      throw DataException.inFile(
          configFile, "has a \"%s\" that is neither a text nor a list of them".formatted(KEY));
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(named(configFile, found));
  }

  private static String named(Path configFile, JsonNode list) {
    List<String> names = new ArrayList<>();
    for (JsonNode one : list) {
      String name = one.path("name").asText();
      if (name.equals(DEFAULT) && one.path("template").isTextual())
        return one.get("template").textValue();
      names.add(name.isEmpty() ? "one without a name" : name);
    }
    throw DataException.inFile(
        configFile,
        "names the chat templates %s and none \"%s\" with a text; name the one to use so, or put it alone into chat_template.jinja"
            .formatted(String.join(", ", names), DEFAULT));
  }
}
