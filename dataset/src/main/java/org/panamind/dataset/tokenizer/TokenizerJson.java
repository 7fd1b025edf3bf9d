package org.panamind.dataset.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.panamind.dataset.AtomicFile;
import org.panamind.dataset.DataException;

/**
 * What Java needs to know of a {@code tokenizer.json} and the {@code tokenizer_config.json} beside
 * it.
 */
final class TokenizerJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String text;
  private final JsonNode root;
  private final JsonNode config;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Integer, String> tokens = new HashMap<>();
  private final BitSet special = new BitSet();

  /**
   * Reads the files.
   *
   * @param folderOrFile a folder with {@code tokenizer.json} in it, or that file itself
   */
  TokenizerJson(Path folderOrFile) {
    file = Files.isDirectory(folderOrFile) ? folderOrFile.resolve("tokenizer.json") : folderOrFile;
    text = read(file);
    root = parse(file, text);
    Path beside = configFile();
    config = Files.exists(beside) ? parse(beside, read(beside)) : JSON.createObjectNode();
    readVocabulary();
    readAddedTokens();
  }

  private Path configFile() {
    return file.resolveSibling("tokenizer_config.json");
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new DataException(file + ": is not UTF-8, so it is no tokenizer file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          file + ": cannot be read: " + AtomicFile.reason(e) + ". Give a tokenizer's folder.", e);
    }
  }

  private static JsonNode parse(Path file, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new DataException(file + ": is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private void readVocabulary() {
    JsonNode vocab = root.path("model").path("vocab");
    if (vocab.isArray()) {
      for (int id = 0; id < vocab.size(); id++) {
        put(vocab.get(id).path(0).asText(), id);
      }
    } else {
      vocab.properties().forEach(entry -> put(entry.getKey(), entry.getValue().asInt()));
    }
    if (ids.isEmpty()) {
      throw DataException.inFile(file, "has no model.vocab; a Hugging Face tokenizer.json has one");
    }
  }

  private void readAddedTokens() {
    for (JsonNode added : root.path("added_tokens")) {
      put(added.path("content").asText(), added.path("id").asInt());
      special.set(added.path("id").asInt(), added.path("special").asBoolean());
    }
  }

  private void put(String token, int id) {
    if (id < 0) {
      throw DataException.inFile(file, "gives token \"" + token + "\" the id " + id);
    }
    ids.put(token, id);
    tokens.put(id, token);
  }

  Path file() {
    return file;
  }

  String text() {
    return text;
  }

  Map<String, Integer> ids() {
    return ids;
  }

  Map<Integer, String> tokens() {
    return tokens;
  }

  /** The ids of special tokens. */
  BitSet special() {
    return special;
  }

  /** Whether a special token may be found in a text that does not hold its name as it stands. */
  boolean matchesSpecialAfterNormalizing() {
    boolean normalizes = !root.path("normalizer").isNull() && root.has("normalizer");
    for (JsonNode added : root.path("added_tokens")) {
      if (normalizes && added.path("special").asBoolean() && added.path("normalized").asBoolean()) {
        return true;
      }
    }
    return false;
  }

  /** Whether decoding is the concatenation of bytes. */
  boolean isByteLevel() {
    return root.path("decoder").path("type").asText().equals("ByteLevel");
  }

  Optional<String> chatTemplate() {
    return SavedTemplate.find(configFile(), config);
  }

  SpecialTokens specialTokens() {
    return new SpecialTokens(
        role("bos_token"), role("eos_token"), role("pad_token"), role("unk_token"));
  }

  /** A role's value is a string, an object with its content, or null. */
  private Optional<SpecialTokens.Token> role(String key) {
    JsonNode value = config.path(key);
    JsonNode content = value.isObject() ? value.path("content") : value;
    if (!content.isTextual()) {
      return Optional.empty();
    }
    Integer id = ids.get(content.textValue());
    if (id == null) {
      throw DataException.inFile(
          configFile(),
          "\"%s\" is \"%s\", which is no token of %s"
              .formatted(key, content.textValue(), file.getFileName()));
    }
    return Optional.of(new SpecialTokens.Token(content.textValue(), id));
  }

  /**
   * The same tokenizer with every special token renamed to something that no text holds, everywhere
   * it is named: ids and all else stay, and the old names are found in text no more. Taking the
   * tokens out instead would move the ids of added tokens behind them.
   */
  String withoutSpecialNames() {
    ObjectNode copy = root.deepCopy();
    String secret = UUID.randomUUID().toString();
    Set<String> names = new HashSet<>();
    for (JsonNode added : copy.path("added_tokens")) {
      if (added.path("special").asBoolean()) {
        String name = added.path("content").asText();
        names.add(name);
        ((ObjectNode) added).put("content", secret + name);
      }
    }
    copy.putNull("post_processor");
    if (copy.path("model") instanceof ObjectNode model) {
      if (names.contains(model.path("unk_token").asText())) {
        model.put("unk_token", secret + model.path("unk_token").asText());
      }
      renameInVocabulary(model, names, secret);
    }
    return copy.toString();
  }

  private static void renameInVocabulary(ObjectNode model, Set<String> names, String secret) {
    switch (model.path("vocab")) {
      case ObjectNode byName ->
          names.forEach(
              name -> {
                JsonNode id = byName.remove(name);
                if (id != null) {
                  byName.set(secret + name, id);
                }
              });
      case ArrayNode pieces ->
          pieces.forEach(
              piece -> {
                if (names.contains(piece.path(0).asText())) {
                  ((ArrayNode) piece).set(0, secret + piece.path(0).asText());
                }
              });
      default -> throw new IllegalStateException("vocab was checked when the file was read");
    }
  }

  String fingerprint() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
