package org.panamind.dataset.jsonl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;

class JsonlReaderTest {
  private static final LineCheck TEXT = LineCheck.text("text");

  @TempDir Path folder;

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("my.jsonl"), content);
  }

  private Path file(String content) throws IOException {
    return file(content.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> read(Path file, BadLines badLines) {
    try (JsonlReader reader = JsonlReader.open(file, TEXT, badLines)) {
      List<String> texts = new ArrayList<>();
      reader.texts("text").forEachRemaining(texts::add);
      return texts;
    }
  }

  private String failure(Path file) {
    return assertThrows(DataException.class, () -> read(file, BadLines.FAIL)).getMessage();
  }

  /** Each bad line with words that its message must have. */
  private static Map<byte[], String> badLines() {
    Map<byte[], String> bad = new LinkedHashMap<>();
    bad.put(utf8("hello"), "is not JSON");
    bad.put(utf8("{\"text\": \"a\",}"), "is not JSON");
    bad.put(utf8("{\"text\": \"a\"} {\"text\": \"b\"}"), "is not JSON");
    bad.put(utf8("{\"text\": \"a\", \"text\": \"b\"}"), "is not JSON: Duplicate");
    bad.put(utf8("{\"text\": \"a\u0001\"}"), "is not JSON");
    bad.put(utf8("{\"text\": \"a\"\0}"), "is not JSON");
    bad.put(utf8("{\"text\": NaN}"), "is not JSON");
    bad.put(utf8("[".repeat(2000) + "]".repeat(2000)), "is not JSON");
    bad.put(utf8("{\"text\": \"cut sho"), "is cut short");
    bad.put(utf8("{\"text\": \"a\""), "is cut short");
    bad.put(utf8("[\"text\"]"), "is no JSON object");
    bad.put(utf8("12"), "is no JSON object");
    bad.put(utf8("null"), "is no JSON object");
    bad.put(utf8("{}"), "\"text\" is missing");
    bad.put(utf8("{\"Text\": \"a\"}"), "\"text\" is missing");
    bad.put(utf8("{\"text\": 5}"), "\"text\" is a number, not a string");
    bad.put(utf8("{\"text\": null}"), "\"text\" is null, not a string");
    bad.put(utf8("{\"text\": [\"a\"]}"), "\"text\" is a list, not a string");
    bad.put(utf8("{\"text\": {}}"), "\"text\" is an object, not a string");
    bad.put(utf8("{\"text\": true}"), "\"text\" is true or false, not a string");
    bad.put(
        "{\"text\": \"caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1),
        "is not UTF-8 at byte 14 (0xE9)");
    bad.put(new byte[] {'"', (byte) 0xC0, (byte) 0x80, '"'}, "is not UTF-8 at byte 2 (0xC0)");
    return bad;
  }

  private static byte[] utf8(String line) {
    return line.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @Test
  void readsEveryTextInOrder() throws IOException {
    String odd = "{\"id\": 1e400, \"text\": \"\\ud800 \uFFFD 天\"}";
    Path file = file("{\"text\": \"a\"}\n" + odd + "\n{\"text\": \"\"}");
    assertEquals(List.of("a", "\ud800 \uFFFD 天", ""), read(file, BadLines.FAIL));
  }

  @Test
  void takesByteOrderMarkAndWindowsLineEndsAndBlankLines() throws IOException {
    Path file = file("\uFEFF{\"text\": \"a\"}\r\n\r\n \t\n{\"text\": \"b\"}\r\n");
    assertEquals(List.of("a", "b"), read(file, BadLines.FAIL));
    try (JsonlReader reader = JsonlReader.open(file, TEXT, BadLines.FAIL)) {
      reader.forEachRemaining(record -> {});
      assertEquals(new LineReport(4, 2, 0, 2, ""), reader.report());
    }
  }

  @Test
  void readsALineOfTenMegabytes() throws IOException {
    String text = "天x".repeat(2_500_000);
    assertEquals(List.of(text), read(file("{\"text\": \"" + text + "\"}\n"), BadLines.FAIL));
  }

  @Test
  void namesFileLineReasonAndRemedyOfEveryKindOfBadLine() throws IOException {
    for (Map.Entry<byte[], String> bad : badLines().entrySet()) {
      Path file = file(join(utf8("{\"text\": \"a\"}\n\n"), bad.getKey(), utf8("\n")));
      String message = failure(file);
      assertTrue(message.startsWith(file + ":3: " + bad.getValue()), message);
      assertTrue(message.contains("; line starts "), message);
      assertTrue(message.endsWith(". Mend the line or pass --bad_lines skip."), message);
      assertEquals(1, message.lines().count(), message);
    }
  }

  @Test
  void showsTheFirstFortyCharactersOfABadLine() throws IOException {
    Path file = file("{\"text\": \"a\"}\n{\"conversations\": \"" + "x".repeat(100) + "\"}");
    String shown = "line starts {\"conversations\": \"xxxxxxxxxxxxxxxxxxxxx...";
    assertTrue(failure(file).contains(shown), failure(file));
  }

  @Test
  void tellsHowToMakeJsonlOfAPlainText() throws IOException {
    String message =
        failure(file("First Citizen:\nBefore we proceed any further, hear me speak.\n"));
    assertTrue(message.contains(":1: is not JSON"), message);
    assertTrue(message.contains("jq -Rc '{text: .}' my.txt > my.jsonl"), message);
  }

  @Test
  void tellsUtf16Apart() throws IOException {
    String message = failure(file("\uFEFF{\"text\": \"a\"}".getBytes(StandardCharsets.UTF_16LE)));
    assertTrue(message.contains("is UTF-16, not UTF-8"), message);
  }

  @Test
  void skipsBadLinesAndCountsEachOnce() throws IOException {
    List<byte[]> parts = new ArrayList<>();
    for (byte[] bad : badLines().keySet()) {
      parts.addAll(List.of(utf8("{\"text\": \"good\"}\n"), bad, utf8("\n"), utf8("\n")));
    }
    int count = badLines().size();
    Path file = file(join(parts.toArray(byte[][]::new)));
    try (JsonlReader reader = JsonlReader.open(file, TEXT, new BadLines(true, 0.5))) {
      reader.forEachRemaining(record -> assertEquals("good", record.get("text").textValue()));
      LineReport report = reader.report();
      assertEquals(count, report.good());
      assertEquals(count, report.bad());
      assertEquals(count, report.blank());
      assertEquals(3L * count, report.lines());
      assertTrue(report.firstBad().startsWith(file + ":2: is not JSON"), report.firstBad());
    }
  }

  @Test
  void refusesMoreBadLinesThanTheCeiling() throws IOException {
    String[] lines = new String[2000];
    Arrays.fill(lines, "{\"text\": \"a\"}");
    lines[7] = "x";
    lines[1900] = "x";
    assertEquals(1998, read(file(String.join("\n", lines)), BadLines.SKIP).size());
    lines[1901] = "x";
    Path file = file(String.join("\n", lines));
    DataException error = assertThrows(DataException.class, () -> read(file, BadLines.SKIP));
    assertTrue(
        error.getMessage().startsWith(file + ": 3 of 2000 lines are bad (0.150 %)"),
        error.getMessage());
    assertTrue(error.getMessage().contains(":8: is not JSON"), error.getMessage());
  }

  @Test
  void refusesAFileWithoutOneRecord() throws IOException {
    assertTrue(failure(file("")).endsWith("such as {\"text\": \"...\"}."), failure(file("")));
    assertTrue(failure(file("\n \r\n")).contains("my.jsonl: is empty"));
    Path bad = file("x\n");
    DataException error = assertThrows(DataException.class, () -> read(bad, new BadLines(true, 1)));
    assertTrue(error.getMessage().contains("has no good line"), error.getMessage());
  }

  @Test
  void saysThatAFileIsMissingOrAFolder() {
    Path missing = folder.resolve("none.jsonl");
    UncheckedIOException error =
        assertThrows(UncheckedIOException.class, () -> read(missing, BadLines.FAIL));
    assertTrue(error.getMessage().contains("none.jsonl: cannot be read: no such file"));
    UncheckedIOException other =
        assertThrows(UncheckedIOException.class, () -> read(folder, BadLines.FAIL));
    assertTrue(other.getMessage().contains("is a folder, not a file"), other.getMessage());
  }

  @Test
  void readsGzipAndZstdWhateverTheirName() throws IOException {
    byte[] content = utf8("{\"text\": \"天\"}\n{\"text\": \"b\"}\n");
    for (byte[] packed : List.of(Packed.gzip(content), Packed.zstd(content))) {
      assertEquals(List.of("天", "b"), read(file(packed), BadLines.FAIL));
      assertEquals(List.of("天", "b", "天", "b"), read(file(join(packed, packed)), BadLines.FAIL));
    }
  }

  @Test
  void tellsWhereACompressedFileWasCutShort() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      lines.append("{\"text\": \"").append(i * 7919L % 10_007).append("\"}\n");
    }
    byte[] content = utf8(lines.toString());
    for (byte[] packed : List.of(Packed.gzip(content), Packed.zstd(content))) {
      Path file = file(Arrays.copyOf(packed, packed.length - 20));
      String message =
          assertThrows(DataException.class, () -> read(file, new BadLines(true, 1))).getMessage();
      assertTrue(
          message.matches(".*my.jsonl:\\d+: the compressed file is damaged or cut short.*"),
          message);
    }
  }

  @Test
  void checksFieldsByTheirKind() throws IOException {
    LineCheck check =
        LineCheck.fields(
            Map.of("conversations", LineCheck.Kind.LIST, "score", LineCheck.Kind.NUMBER));
    Path good = file("{\"conversations\": [{}], \"score\": 1, \"more\": 2}");
    try (JsonlReader reader = JsonlReader.open(good, check, BadLines.FAIL)) {
      assertTrue(reader.hasNext());
    }
    Path empty = file("{\"conversations\": [], \"score\": 1}");
    try (JsonlReader reader = JsonlReader.open(empty, check, BadLines.FAIL)) {
      DataException error = assertThrows(DataException.class, reader::hasNext);
      assertTrue(
          error.getMessage().contains("is an empty list, not a list with something in it"),
          error.getMessage());
    }
    assertFalse(check.signature().equals(TEXT.signature()));
  }

  @Test
  void readsTheModeOfBadLines() {
    assertEquals(BadLines.FAIL, BadLines.parse("fail", 0.5));
    assertEquals(new BadLines(true, 0.5), BadLines.parse("skip", 0.5));
    assertThrows(IllegalArgumentException.class, () -> BadLines.parse("ignore", 0.5));
    assertThrows(IllegalArgumentException.class, () -> new BadLines(true, 1.5));
    assertThrows(IllegalArgumentException.class, () -> new BadLines(true, Double.NaN));
  }
}
