package org.panamind.stage.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.stage.ConfigException;

class ConfigFileTest {
  private final ConfigSchema<ExampleConfig> schema = ConfigSchema.of(ExampleConfig.class);
  @TempDir Path folder;

  @Test
  void readsBackWhatTheSchemaWrote() throws IOException {
    ExampleConfig config =
        schema.build(
            Map.of("data_path", "a.jsonl", "learning_rate", "3e-5", "limit", "4", "use_moe", "1"));
    assertEquals(config, schema.build(ConfigFile.read(file(schema.toJson(config)), schema)));
  }

  @Test
  void takesNullListsAndMiniMindsBooleans() throws IOException {
    Path file = file("{\"run_name\": null, \"lora_target\": [\"a\", \"b\"], \"use_moe\": 1}");
    ExampleConfig config = schema.build(ConfigFile.read(file, schema));
    assertEquals(null, config.runName());
    assertEquals(List.of("a", "b"), config.loraTarget());
    assertEquals(true, config.useMoe());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"batch_sise\": 8}~ unknown key \"batch_sise\"; did you mean batch_size?",
        "{\"batch_size\": \"8\"}~ \"batch_size\" is \"8\", must be a whole number",
        "{\"batch_size\": 8.5}~ \"batch_size\" is 8.5, must be a whole number",
        "{\"batch_size\": null}~ \"batch_size\" is null, must be a whole number",
        "{\"batch_size\": 99999999999}~ \"batch_size\" is 99999999999, must be a whole number from"
            + " -2147483648 to 2147483647",
        "{\"use_moe\": \"true\"}~ \"use_moe\" is \"true\", must be true, false, 1 or 0",
        "{\"lora_target\": [1]}~ \"lora_target\" is [1], must be an array of strings without"
            + " commas",
        "{\"training\": {\"learning_rate\": 1}}~ unknown key \"training\"",
        "[1]~ must be one JSON object, {\"batch_size\": 8, …}",
        "``~ must be one JSON object, {\"batch_size\": 8, …}",
      })
  void refusesWithFileKeyAndValue(String json, String message) throws IOException {
    Path file = file(json);
    assertEquals(file + ": " + message, refusal(file));
  }

  @Test
  void namesTheLineOfASyntaxErrorAndOfARepeatedKey() throws IOException {
    Path broken = file("{\n  \"batch_size\": 8,\n}");
    assertEquals(
        broken + ":3: not JSON", refusal(broken).substring(0, (broken + ":3: not JSON").length()));
    Path repeated = file("{\"batch_size\": 8,\n\"batch_size\": 9}");
    assertEquals(repeated + ":2: not JSON: Duplicate field 'batch_size'", refusal(repeated));
  }

  @Test
  void saysThatTheFileIsMissing() {
    Path file = folder.resolve("none.json");
    assertEquals("--config is " + file + ", there is no such file", refusal(file));
  }

  private Path file(String json) throws IOException {
    return Files.writeString(folder.resolve("run.json"), json);
  }

  private String refusal(Path file) {
    return assertThrows(ConfigException.class, () -> ConfigFile.read(file, schema)).getMessage();
  }
}
