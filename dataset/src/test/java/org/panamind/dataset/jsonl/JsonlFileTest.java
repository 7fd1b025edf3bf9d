package org.panamind.dataset.jsonl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.Samples;

class JsonlFileTest {
  private static final LineCheck TEXT = LineCheck.text("text");

  @TempDir Path folder;

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static byte[] lines(int count) {
    StringBuilder lines = new StringBuilder("\uFEFF");
    for (int i = 0; i < count; i++) {
      lines.append("{\"text\": \"文 ").append(i).append("\"}").append(i % 3 == 0 ? "\r\n\n" : "\n");
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonlFile open(Path file) {
    return JsonlFile.open(file, TEXT, BadLines.FAIL);
  }

  private static List<String> texts(Path file) {
    try (JsonlFile lines = open(file)) {
      Samples<String> texts = lines.texts("text");
      List<String> all = new ArrayList<>();
      for (long i = texts.size() - 1; i >= 0; i--) {
        all.add(texts.get(i));
      }
      return all.reversed();
    }
  }

  private static List<String> expected(int count) {
    return IntStream.range(0, count).mapToObj(i -> "文 " + i).toList();
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void givesAnyRecordByItsNumber() throws IOException {
    Path file = write("my.jsonl", lines(100));
    assertEquals(expected(100), texts(file));
    try (JsonlFile lines = open(file)) {
      assertThrows(IndexOutOfBoundsException.class, () -> lines.get(100));
      assertThrows(IndexOutOfBoundsException.class, () -> lines.get(-1));
      assertEquals(new LineReport(134, 100, 0, 34, ""), lines.report());
    }
  }

  @Test
  void keepsItsIndexAndUsesItAgain() throws IOException {
    Path file = write("my.jsonl", lines(50));
    texts(file);
    assertEquals(List.of("my.jsonl", "my.jsonl.idx"), names());
    Path index = folder.resolve("my.jsonl.idx");
    Object made = Files.readAttributes(index, "unix:ino").get("ino");
    assertEquals(expected(50), texts(file));
    assertEquals(made, Files.readAttributes(index, "unix:ino").get("ino"), "made anew");
  }

  @Test
  void makesTheIndexAnewWhenTheFileChanged() throws IOException {
    Path file = write("my.jsonl", lines(50));
    texts(file);
    write("my.jsonl", lines(60));
    assertEquals(expected(60), texts(file));
    byte[] sameSize =
        new String(lines(60), StandardCharsets.UTF_8)
            .replace("文 1", "字 1")
            .getBytes(StandardCharsets.UTF_8);
    write("my.jsonl", sameSize);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertEquals("字 1", texts(file).get(1));
  }

  @Test
  void makesTheIndexAnewForAnotherCheckAndWhenItIsDamaged() throws IOException {
    Path file = write("my.jsonl", lines(50));
    texts(file);
    LineCheck other = LineCheck.text("other");
    assertThrows(DataException.class, () -> JsonlFile.open(file, other, BadLines.FAIL));
    Path index = folder.resolve("my.jsonl.idx");
    byte[] whole = Files.readAllBytes(index);
    for (int cut : new int[] {0, 1, 23, 24, 100, whole.length - 1}) {
      Files.write(index, Arrays.copyOf(whole, cut));
      assertEquals(expected(50), texts(file), "cut to " + cut);
    }
    for (int flipped :
        new int[] {50 * 16, whole.length - 30, whole.length - 20, whole.length - 1}) {
      byte[] damaged = whole.clone();
      damaged[flipped] ^= 1;
      Files.write(index, damaged);
      assertEquals(expected(50), texts(file), "bit flipped in byte " + flipped);
    }
  }

  @Test
  void remembersBadLinesInTheIndex() throws IOException {
    byte[] content = "{\"text\": \"a\"}\nbad\n{\"text\": \"b\"}\n".getBytes(StandardCharsets.UTF_8);
    Path file = write("my.jsonl", content);
    BadLines half = new BadLines(true, 0.5);
    for (int round = 0; round < 2; round++) {
      try (JsonlFile lines = JsonlFile.open(file, TEXT, half)) {
        assertEquals(1, lines.report().bad());
        assertEquals("b", lines.texts("text").get(1));
      }
      DataException fail = assertThrows(DataException.class, () -> open(file));
      assertTrue(fail.getMessage().startsWith(file + ":2: is not JSON"), fail.getMessage());
      assertTrue(fail.getMessage().endsWith("Mend the line or pass --bad_lines skip."));
      BadLines none = new BadLines(true, 0);
      DataException over =
          assertThrows(DataException.class, () -> JsonlFile.open(file, TEXT, none));
      assertTrue(over.getMessage().contains("1 of 3 lines are bad"), over.getMessage());
    }
  }

  @Test
  void unpacksACompressedFileOnceBesideIt() throws IOException {
    byte[] content = lines(2000);
    for (byte[] packed : List.of(Packed.gzip(content), Packed.zstd(content))) {
      Path file = write("my.jsonl.gz", packed);
      assertEquals(expected(2000), texts(file));
      assertEquals(List.of("my.jsonl.gz", "my.jsonl.gz.idx", "my.jsonl.gz.plain"), names());
      Path plain = folder.resolve("my.jsonl.gz.plain");
      Object made = Files.readAttributes(plain, "unix:ino").get("ino");
      assertEquals(expected(2000), texts(file));
      assertEquals(made, Files.readAttributes(plain, "unix:ino").get("ino"), "unpacked again");
      Files.write(plain, new byte[] {1, 2, 3});
      assertEquals(expected(2000), texts(file));
      Files.delete(plain);
      assertEquals(expected(2000), texts(file));
    }
  }

  @Test
  void namesTheCompressedFileInErrors() throws IOException {
    Path cut = write("my.jsonl.gz", Arrays.copyOf(Packed.gzip(lines(2000)), 2000));
    DataException error = assertThrows(DataException.class, () -> open(cut));
    assertTrue(
        error.getMessage().startsWith(cut + ": the compressed file is damaged"),
        error.getMessage());
    Path empty = write("my.jsonl.gz", Packed.gzip(new byte[0]));
    DataException none = assertThrows(DataException.class, () -> open(empty));
    assertTrue(none.getMessage().startsWith(empty + ": is empty"), none.getMessage());
    Path bad =
        write("my.jsonl.gz", Packed.gzip("{\"text\": \"a\"}\n{}".getBytes(StandardCharsets.UTF_8)));
    DataException line = assertThrows(DataException.class, () -> open(bad));
    assertTrue(line.getMessage().startsWith(bad + ":2: \"text\" is missing"), line.getMessage());
  }

  @Test
  void worksWhereNothingCanBeWrittenBesideTheFile() throws IOException {
    Path file = write("my.jsonl.gz", Packed.gzip(lines(30)));
    // A folder in the way stands for a folder without permission, which root would not notice.
    for (String name : List.of("my.jsonl.gz.idx", "my.jsonl.gz.plain")) {
      Files.createDirectories(folder.resolve(name).resolve("in-the-way"));
    }
    List<String> temporary = temporaryFiles();
    assertEquals(expected(30), texts(file));
    assertEquals(temporary, temporaryFiles());
    assertEquals(List.of("my.jsonl.gz", "my.jsonl.gz.idx", "my.jsonl.gz.plain"), names());
  }

  private static List<String> temporaryFiles() throws IOException {
    try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(
              name ->
                  name.startsWith("panamind") && (name.endsWith(".idx") || name.endsWith(".plain")))
          .sorted()
          .toList();
    }
  }

  @Test
  void tellsWhenTheFileChangesWhileInUse() throws IOException {
    Path file = write("my.jsonl", lines(50));
    try (JsonlFile lines = open(file)) {
      byte[] changed = lines(50);
      Arrays.fill(changed, 200, changed.length, (byte) 'x');
      Files.write(file, changed);
      DataException error = assertThrows(DataException.class, () -> lines.get(49));
      assertTrue(error.getMessage().contains(":67: is not JSON"), error.getMessage());
      assertTrue(error.getMessage().contains("changed while in use"), error.getMessage());
      Files.write(file, new byte[] {1});
      assertThrows(DataException.class, () -> lines.get(49));
    }
  }

  @Test
  void servesManyThreadsAtOnce() throws IOException {
    Path file = write("my.jsonl", lines(200));
    try (JsonlFile lines = open(file)) {
      Samples<String> texts = lines.texts("text");
      IntStream.range(0, 5000)
          .parallel()
          .forEach(i -> assertEquals("文 " + i % 200, texts.get(i % 200)));
    }
  }

  @Test
  void leavesNoIndexWhenTheFileIsBad() throws IOException {
    Path file = write("my.jsonl", "{\"text\": \"a\"}\nbad".getBytes(StandardCharsets.UTF_8));
    assertThrows(DataException.class, () -> open(file));
    assertEquals(List.of("my.jsonl"), names());
    assertFalse(Files.exists(folder.resolve("my.jsonl.idx")));
    assertNotEquals(0, Files.size(file));
  }

  @Test
  void readsAHundredThousandLinesInSmallMemory() throws Exception {
    Path file = folder.resolve("big.jsonl");
    String line = "{\"text\": \"" + "a line of some length. ".repeat(20) + "\"}\n";
    try (var out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < 100_000; i++) {
        out.write(line);
      }
    }
    Path report = folder.resolve("report");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = System.getProperty("java.class.path");
    Process child =
        new ProcessBuilder(
                java, "-Xmx24m", "-cp", classPath, SmallMemory.class.getName(), file.toString())
            .redirectErrorStream(true)
            .redirectOutput(report.toFile())
            .start();
    assertEquals(0, child.waitFor(), Files.readString(report));
    assertEquals("100000 100000", Files.readString(report).lines().toList().getLast());
  }

  /** Reads a file of 46 MB both ways, in a process with a heap of 24 MB. */
  static final class SmallMemory {
    private SmallMemory() {}

    public static void main(String[] args) {
      Path file = Path.of(args[0]);
      long streamed = 0;
      try (JsonlReader reader = JsonlReader.open(file, TEXT, BadLines.FAIL)) {
        for (; reader.hasNext(); reader.next()) {
          streamed++;
        }
      }
      long indexed = 0;
      try (JsonlFile lines = open(file)) {
        for (long i = 0; i < lines.size(); i++) {
          indexed += lines.get(i).has("text") ? 1 : 0;
        }
      }
      System.out.println(streamed + " " + indexed);
    }
  }
}
