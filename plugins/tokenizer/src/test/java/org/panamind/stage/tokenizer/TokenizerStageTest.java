package org.panamind.stage.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.Progress;
import org.panamind.stage.StageContext;
import org.panamind.stage.config.ConfigSchema;
import org.panamind.stage.config.OptionSpec;

class TokenizerStageTest {
  private final ConfigSchema<TokenizerConfig> schema = ConfigSchema.of(TokenizerConfig.class);
  private final TokenizerStage stage = new TokenizerStage();
  private final List<String> lines = new ArrayList<>();
  @TempDir Path folder;

  @Test
  void hasTheseFlags() {
    assertEquals(
        List.of(
            "--data_path",
            "--max_lines",
            "--bad_lines",
            "--max_bad",
            "--seed",
            "--vocab_size",
            "--tokenizer_path"),
        schema.options().stream().map(OptionSpec::flag).toList());
  }

  @Test
  void learnsFromTheSampleTextWhenNoDataIsGiven() throws IOException {
    run(Map.of());
    try (Tokenizer tokenizer = HuggingFaceTokenizer.load(folder.resolve("tokenizer"))) {
      assertEquals(600, tokenizer.vocabSize());
      int[] ids = tokenizer.encodeOrdinary("The sky is blue. 天空");
      assertTrue(ids.length < 16, "the tokens are longer than bytes, there are " + ids.length);
      assertEquals("The sky is blue. 天空", tokenizer.decode(ids));
      assertArrayEquals(new int[] {1}, tokenizer.encode("<|im_start|>"));
    }
    assertTrue(
        lines.get(1).matches("600 tokens \\(341 merges\\) learned in \\d+\\.\\d s"),
        lines::toString);
    assertTrue(lines.get(2).contains("came back as they were"), lines::toString);
  }

  @Test
  void learnsFromOnesOwnText() throws IOException {
    Path data = write("{\"text\": \"low lower lowest low low\"}", "{\"text\": \"new newer\"}");
    run(Map.of("data_path", data.toString(), "vocab_size", "262"));
    String json = Files.readString(folder.resolve("tokenizer/tokenizer.json"));
    assertTrue(json.contains("\"low\""), json);
  }

  @Test
  void keepsAnEarlierTokenizerAside() throws IOException {
    Path data = write("{\"text\": \"low lower lowest low low\"}");
    Map<String, String> values = Map.of("data_path", data.toString(), "vocab_size", "261");
    run(values);
    byte[] first = Files.readAllBytes(folder.resolve("tokenizer/tokenizer.json"));
    run(values);
    String warning = lines.stream().filter(l -> l.startsWith("warning")).findFirst().orElseThrow();
    Path backup = Path.of(warning.substring(warning.indexOf(folder.toString())));
    assertArrayEquals(first, Files.readAllBytes(backup.resolve("tokenizer.json")));
  }

  @Test
  void readsNoMoreLinesThanAsked() throws IOException {
    Path data = write("{\"text\": \"low lower lowest low low\"}", "not JSON");
    run(Map.of("data_path", data.toString(), "vocab_size", "261", "max_lines", "1"));
  }

  @Test
  void countsSkippedLines() throws IOException {
    Path data = write("{\"text\": \"low lower lowest low low\"}", "not JSON");
    Map<String, String> values =
        Map.of(
            "data_path",
            data.toString(),
            "vocab_size",
            "261",
            "bad_lines",
            "skip",
            "max_bad",
            "0.5");
    run(values);
    assertTrue(
        lines.stream()
            .anyMatch(
                l -> l.startsWith("warning: 1 of 2 lines skipped; the first: " + data + ":2: ")),
        lines::toString);
  }

  @Test
  void refusesAVocabularyThatTheTextCannotFill() throws IOException {
    Path data = write("{\"text\": \"low lower lowest low low\"}");
    String message =
        assertThrows(
                DataException.class,
                () -> run(Map.of("data_path", data.toString(), "vocab_size", "5000")))
            .getMessage();
    assertTrue(message.startsWith("the text gives at most "), message);
    assertTrue(Files.notExists(folder.resolve("tokenizer")), "nothing is written");
  }

  @Test
  void refusesAVocabularyWithoutRoomForBytes() {
    String message =
        assertThrows(ConfigException.class, () -> run(Map.of("vocab_size", "258"))).getMessage();
    assertEquals("--vocab_size is 258, must be at least 259", message);
  }

  private void run(Map<String, String> given) throws IOException {
    Map<String, String> values = new HashMap<>(stage.preset(given));
    values.put("tokenizer_path", folder.resolve("tokenizer").toString());
    values.putAll(given);
    StageContext context = new StageContext(folder, new Lines(), 42, "cpu");
    stage.run(schema.build(values), context);
  }

  private Path write(String... records) throws IOException {
    return Files.write(folder.resolve("data.jsonl"), List.of(records));
  }

  private final class Lines implements Console {
    @Override
    public void info(String line) {
      lines.add(line);
    }

    @Override
    public void warn(String line) {
      lines.add("warning: " + line);
    }

    @Override
    public Progress progress(String task, long total, String unit) {
      throw new AssertionError("the stage reports no progress");
    }
  }
}
