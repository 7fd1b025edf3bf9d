package org.panamind.dataset.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlFile;
import org.panamind.dataset.jsonl.JsonlReader;
import org.panamind.dataset.jsonl.LineCheck;

class SampleTextTest {
  private static final LineCheck TEXT = LineCheck.text("text");

  @TempDir Path folder;

  @Test
  void writesTheSameBytesForTheSameSeed() throws IOException {
    SampleFiles one = SampleText.write(folder.resolve("one"), 7);
    SampleFiles again = SampleText.write(folder.resolve("again"), 7);
    SampleFiles other = SampleText.write(folder.resolve("other"), 8);
    assertEquals(-1, Files.mismatch(one.training(), again.training()));
    assertEquals(-1, Files.mismatch(one.heldOut(), again.heldOut()));
    assertFalse(Files.mismatch(one.training(), other.training()) == -1);
    CRC32C crc = new CRC32C();
    crc.update(Files.readAllBytes(one.training()));
    assertEquals(3198381146L, crc.getValue(), "another release would train on another text");
  }

  @Test
  void writesGoodRecordsAndKeepsTheHeldOutOnesApart() throws IOException {
    SampleFiles files = SampleText.write(folder, 7);
    assertEquals("pretrain.jsonl", files.training().getFileName().toString());
    Set<String> heldOut = new HashSet<>(Files.readAllLines(files.heldOut()));
    assertEquals(SampleText.HELD_OUT_COUNT, heldOut.size());
    List<String> training = Files.readAllLines(files.training());
    assertEquals(SampleText.TRAINING_COUNT, training.size());
    assertTrue(training.stream().noneMatch(heldOut::contains));
    try (JsonlFile records = JsonlFile.open(files.training(), TEXT, BadLines.FAIL)) {
      assertEquals(SampleText.TRAINING_COUNT, records.size());
    }
  }

  @Test
  void addsAndSubtractsRight() {
    Pattern sum = Pattern.compile("(\\d+) ([+-]) (\\d+) = (\\d+)\\.");
    RandomGenerator random = new java.util.Random(3);
    int found = 0;
    for (int i = 0; i < 2000; i++) {
      Matcher matcher = sum.matcher(new SampleText().next(random).get("text").textValue());
      if (matcher.find()) {
        int a = Integer.parseInt(matcher.group(1));
        int b = Integer.parseInt(matcher.group(3));
        int result = matcher.group(2).equals("+") ? a + b : a - b;
        assertEquals(Integer.parseInt(matcher.group(4)), result, matcher.group());
        found++;
      }
    }
    assertTrue(found > 200, found + " sums");
  }

  @Test
  void holdsEnoughForAVocabularyOfAThousand() {
    SampleFiles files = SampleText.write(folder, 7);
    try (JsonlReader reader = JsonlReader.open(files.training(), TEXT, BadLines.FAIL)) {
      assertEquals(1000, BpeTrainer.ofSize(1000).train(reader.texts("text")).tokens().size());
    }
  }

  @Test
  void tellsWhenAGeneratorHasTooLittleToHoldOut() {
    SampleGenerator poor =
        new SampleGenerator() {
          @Override
          public String name() {
            return "poor";
          }

          @Override
          public ObjectNode next(RandomGenerator random) {
            return JsonNodeFactory.instance.objectNode().put("n", random.nextInt(5));
          }
        };
    SampleFiles.write(folder, poor, 1, 10, 4);
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class, () -> SampleFiles.write(folder, poor, 1, 10, 5));
    assertTrue(error.getMessage().contains("hardly more than 5 different"), error.getMessage());
  }
}
