package org.panamind.dataset.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlFile;
import org.panamind.dataset.jsonl.LineCheck;

class SampleChatsTest {
  @TempDir Path folder;

  static List<SampleChats> kinds() {
    return SampleChats.ALL;
  }

  private static LineCheck checkOf(SampleChats kind) {
    return kind == SampleChats.DPO
        ? ChatChecks.preferences()
        : kind == SampleChats.RLAIF ? ChatChecks.prompts() : ChatChecks.conversations();
  }

  private static String last(JsonNode turns) {
    return turns.get(turns.size() - 1).get("content").textValue();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void writesGoodRecordsAndKeepsTheHeldOutOnesApart(SampleChats kind) throws IOException {
    SampleFiles files = kind.write(folder, 7);
    Set<String> heldOut = new HashSet<>(Files.readAllLines(files.heldOut()));
    assertTrue(Files.readAllLines(files.training()).stream().noneMatch(heldOut::contains));
    assertTrue(heldOut.size() >= 60);
    for (Path file : List.of(files.training(), files.heldOut())) {
      try (JsonlFile records = JsonlFile.open(file, checkOf(kind), BadLines.FAIL)) {
        for (long i = 0; i < records.size(); i++) {
          JsonNode record = records.get(i);
          if (kind == SampleChats.DPO) {
            assertTrue(TaskCheck.isRight(record, last(record.get("chosen"))));
            assertFalse(TaskCheck.isRight(record, last(record.get("rejected"))));
          } else if (kind != SampleChats.RLAIF && kind != SampleChats.DISTILL) {
            assertTrue(
                TaskCheck.isRight(record, last(record.get("conversations"))), record::toString);
          }
        }
      }
    }
  }

  @Test
  void writesTheSameBytesForTheSameSeed() throws IOException {
    CRC32C crc = new CRC32C();
    for (SampleChats kind : SampleChats.ALL) {
      SampleFiles one = kind.write(folder.resolve("one"), 7);
      SampleFiles again = kind.write(folder.resolve("again"), 7);
      SampleFiles other = kind.write(folder.resolve("other"), 8);
      assertEquals(-1, Files.mismatch(one.training(), again.training()));
      assertTrue(Files.mismatch(one.training(), other.training()) >= 0);
      crc.update(Files.readAllBytes(one.training()));
    }
    assertEquals(3680619003L, crc.getValue(), "another release would train on other chats");
  }

  @Test
  void asksWhatItSaysTheAnswersTo() {
    Random random = new Random(5);
    Pattern numbers = Pattern.compile("\\d+");
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 5000; i++) {
      Exercise exercise = Exercises.any(random);
      counts.merge(exercise.task(), 1, Integer::sum);
      List<String> found = new ArrayList<>();
      Matcher matcher = numbers.matcher(exercise.question());
      while (matcher.find()) {
        found.add(matcher.group());
      }
      String spaced = exercise.question().replaceFirst(".*[:：] ?", "");
      String wanted =
          switch (exercise.task()) {
            case TaskCheck.SUM -> String.valueOf(found.stream().mapToInt(Integer::parseInt).sum());
            case TaskCheck.SORT -> String.join(" ", found.stream().sorted().toList());
            case TaskCheck.COPY -> spaced;
            case TaskCheck.REVERSE -> new StringBuilder(spaced).reverse().toString();
            default -> exercise.answer();
          };
      assertEquals(wanted, exercise.answer(), exercise.question());
      if (exercise.task().equals(TaskCheck.COLOUR)) {
        assertTrue(exercise.question().contains(exercise.answer()), exercise.question());
      }
    }
    assertEquals(7, counts.size(), counts.toString());
    assertTrue(counts.values().stream().allMatch(n -> n > 200), counts.toString());
  }

  @Test
  void choosesEitherOfTwoThingsAsOftenInSupervisedData() {
    Random random = new Random(5);
    int first = 0;
    int all = 0;
    for (int i = 0; i < 20_000; i++) {
      JsonNode record = SampleChats.SFT.next(random);
      if (TaskCheck.taskOf(record).equals(TaskCheck.PICK)) {
        String[] both = TaskCheck.rightOnes(record.get("answer").textValue());
        assertEquals(2, Arrays.stream(both).distinct().count());
        first += last(record.get("conversations")).equals(both[0]) ? 1 : 0;
        all++;
      }
    }
    assertTrue(all > 1000 && Math.abs(first - all / 2) < 100, first + " of " + all);
  }

  @Test
  void answersAboutAThirdOfWhatIsDistilledWronglyAndSaysWhatIsRight() {
    Random random = new Random(5);
    Map<String, Integer> wrong = new HashMap<>();
    int all = 0;
    for (int i = 0; i < 5000; i++) {
      JsonNode record = SampleChats.DISTILL.next(random);
      boolean right = TaskCheck.isRight(record, last(record.get("conversations")));
      if (!right) wrong.merge(TaskCheck.taskOf(record), 1, Integer::sum);
      all += right ? 0 : 1;
    }
    assertTrue(all > 1400 && all < 2000, all + " of 5000");
    for (String task : List.of(TaskCheck.SUM, TaskCheck.COPY, TaskCheck.COLOUR))
      assertTrue(wrong.get(task) > 100, wrong::toString);
  }

  @Test
  void tellsRightFromWrong() {
    assertTrue(TaskCheck.isRight(TaskCheck.SUM, "15", " 15.\n"));
    assertFalse(TaskCheck.isRight(TaskCheck.SUM, "15", "1"));
    assertFalse(TaskCheck.isRight(TaskCheck.SUM, "15", "15 16"));
    assertTrue(TaskCheck.isRight(TaskCheck.PICK, "red | blue", "blue"));
    assertFalse(TaskCheck.isRight(TaskCheck.PICK, "red | blue", "red | blue"));
    assertTrue(TaskCheck.isRight(TaskCheck.IDENTITY, "Pana", "I am Pana, a little model."));
    assertFalse(TaskCheck.isRight(TaskCheck.IDENTITY, "Pana", "I am a small language model."));
    assertTrue(TaskCheck.isRight(TaskCheck.SUM, "7", "<think>\n\n</think>\n\n7"));
    String reasoned = "<think>\n3 + 4 = 7\n</think>\n<answer>\n7\n</answer>";
    assertTrue(TaskCheck.isRight(TaskCheck.SUM, "7", reasoned));
    assertFalse(TaskCheck.isRight(TaskCheck.SUM, "8", reasoned));
    assertTrue(TaskCheck.isWellFormed(reasoned));
    assertFalse(TaskCheck.isWellFormed("7"));
    assertFalse(TaskCheck.isWellFormed(reasoned.replace("</think>\n", "")));
    assertFalse(TaskCheck.isWellFormed(reasoned + reasoned));
    assertThrows(IllegalArgumentException.class, () -> TaskCheck.isRight("poetry", "rose", "rose"));
  }
}
