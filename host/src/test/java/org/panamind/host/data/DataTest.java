package org.panamind.host.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.host.HostCall;
import org.panamind.host.text.TinyModel;

class DataTest {
  private static final String TURN =
      "{\"conversations\": [{\"role\": \"user\", \"content\": \"Q<|im_end|>\"}, "
          + "{\"role\": \"assistant\", \"content\": \"ANSWER\"}]}";

  @TempDir static Path folder;

  @BeforeAll
  static void writeAModel() {
    TinyModel.in(folder);
  }

  @Test
  void marksTheAnswerThroughItsEndOfTurn() throws IOException {
    Path file = file("sft.jsonl", TURN.replace("ANSWER", "first"), TURN.replace("ANSWER", "1 2"));
    HostCall call = data("show --index 1 --mask --data_path " + file);
    assertEquals(0, call.code(), call.err());
    List<String> lines = call.out().lines().toList();
    assertEquals("<|im_start|>user", lines.get(0));
    assertEquals("Q<|im_end|><|im_end|>", lines.get(1));
    assertEquals("<|im_start|>assistant", lines.get(2));
    assertEquals("⟦1 2<|im_end|>", lines.get(3));
    assertEquals("⟧", lines.get(4));
    assertTrue(lines.get(5).matches("\\d+ tokens, 5 of them learned \\(.*%\\)"), lines.get(5));
    String plain = data("show --index 1 " + file).out();
    assertEquals(call.out().replace("⟦", "").replace("⟧", ""), plain);
  }

  @Test
  void aPairIsShownAsTwoRowsAndOnlyTheLastAnswersAreLearned() throws IOException {
    String user = "{\"role\": \"user\", \"content\": \"Q\"}";
    String good = "{\"role\": \"assistant\", \"content\": \"good\"}";
    String bad = "{\"role\": \"assistant\", \"content\": \"bad\"}";
    String line =
        "{\"chosen\": [%s, %s, %s, %s], \"rejected\": [%s, %s, %s, %s]}"
            .formatted(user, good, user, good, user, good, user, bad);
    HostCall call = data("show --mask " + file("dpo.jsonl", line));
    assertEquals(0, call.code(), call.err());
    assertEquals(1, call.out().split("⟦good<\\|im_end\\|>\n⟧", -1).length - 1, call.out());
    assertEquals(1, call.out().split("⟦bad<\\|im_end\\|>\n⟧", -1).length - 1, call.out());
  }

  @Test
  void textsAreLearnedButForTheirFirstTokenAndPromptsAreNotLearned() throws IOException {
    HostCall text = data("show --mask " + file("text.jsonl", "{\"text\": \"one\"}"));
    assertTrue(text.out().startsWith("<|im_start|>⟦one<|im_end|>⟧\n"), text.out());
    assertTrue(text.out().contains("5 tokens, 4 of them learned (80.0 %)"), text.out());
    HostCall prompt = data("show --mask " + file("rlaif.jsonl", TURN.replace("ANSWER", "无")));
    assertTrue(prompt.out().contains("<|im_start|>assistant\n"), prompt.out());
    assertTrue(prompt.out().matches("(?s).*prompt of \\d+ tokens\n"), prompt.out());
  }

  @Test
  void everyBadLineIsNamedWithItsNumberAndReason() throws IOException {
    Path file =
        file(
            "mixed.jsonl",
            TURN,
            "",
            "{\"conversations\": [{\"role\": \"user\", \"content\": \"Q\"}]}",
            "no json",
            TURN.replace("\"user\"", "\"robot\""),
            TURN.replace("ANSWER", " "),
            TURN);
    HostCall call = data("check " + file);
    assertEquals(65, call.code(), call.err());
    List<String> lines = call.out().lines().toList();
    assertEquals(5, lines.size(), call.out());
    assertTrue(lines.get(0).startsWith(file + ":3: \"conversations\" has no answer"), call.out());
    assertTrue(lines.get(1).startsWith(file + ":4: is not JSON"), call.out());
    assertTrue(lines.get(2).startsWith(file + ":5: "), call.out());
    assertTrue(lines.get(2).contains("the role \"robot\" is unknown"), call.out());
    assertTrue(lines.get(3).startsWith(file + ":6: "), call.out());
    assertTrue(lines.get(3).contains("\"content\" is empty"), call.out());
    assertEquals(file + ": conversations, 7 lines, 2 good, 4 bad, 1 blank", lines.get(4));
  }

  @Test
  void aGoodFileIsCountedAndNothingIsLeftBesideIt() throws IOException {
    Path own = Files.createDirectories(folder.resolve("alone"));
    Path file = Files.writeString(own.resolve("a.jsonl"), TURN + "\n" + TURN + "\n");
    assertEquals(
        new HostCall(0, file + ": conversations, 2 lines, 2 good, 0 bad, 0 blank\n", ""),
        data("check " + file));
    assertEquals(0, data("show " + file).code());
    try (Stream<Path> left = Files.list(own)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void aFileWithoutAGoodLineSaysSoLineByLine() throws IOException {
    Path file = file("none.jsonl", "{\"text\": 1}", "{\"text\": 2}");
    HostCall call = data("check " + file);
    assertEquals(65, call.code());
    assertEquals(3, call.out().lines().count(), call.out());
    assertTrue(call.out().endsWith(": text, 2 lines, 0 good, 2 bad, 0 blank\n"), call.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "show ~ 64 ~ name the file: host data show FILE or host data check FILE",
        "look FILE ~ 64 ~ host data look: say host data show FILE or host data check FILE",
        "show FILE more ~ 64 ~ unexpected word \"more\"",
        "show FILE --index 1 ~ 65 ~ FILE: has only 1 records; --index is 1",
        "check FILE --kind song ~ 64 ~ --kind is \"song\", must be one of text, conversations,"
            + " preferences, prompts",
      })
  void aWrongCallIsOneLine(String words, int code, String message) throws IOException {
    String file = file("one.jsonl", TURN).toString();
    HostCall call = data(words.replace("FILE", file));
    assertEquals(code, call.code(), call.err());
    assertEquals("error: " + message + "\n", call.err().replace(file, "FILE"));
  }

  private static Path file(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  private static HostCall data(String words) {
    return HostCall.of(("data " + words + " --save_dir " + folder).split(" "));
  }
}
