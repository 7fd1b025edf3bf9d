package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZipArchiveTest {
  @TempDir Path folder;

  private Path archive(long large) {
    ZipWriter writer = new ZipWriter(large);
    writer.add("a/one", MemorySegment.ofArray(Fixtures.latin("first")));
    writer.add("a/two", MemorySegment.ofArray(new byte[3000]));
    writer.add("a/name of \u00fc", MemorySegment.ofArray(new byte[0]));
    Path file = folder.resolve("z" + large + ".zip");
    writer.write(file);
    return file;
  }

  private WeightException refused(byte[] bytes) {
    Path file = Fixtures.write(folder, "bad.pth", bytes);
    return assertThrows(WeightException.class, () -> PthFile.read(file).close());
  }

  /** A limit of 0 writes every zip64 field there is, 1000 some of them, as a large file would. */
  @ParameterizedTest
  @ValueSource(longs = {0xFFFFFFFFL, 1000, 0})
  void writesWhatJavaAndWeRead(long large) throws IOException {
    Path file = archive(large);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertEquals(
          List.of("a/one", "a/two", "a/name of \u00fc"),
          zip.stream().map(ZipEntry::getName).toList());
      byte[] one = zip.getInputStream(zip.getEntry("a/one")).readAllBytes();
      assertArrayEquals(Fixtures.latin("first"), one);
      assertEquals(3000, zip.getEntry("a/two").getSize());
    }
    try (Arena arena = Arena.ofConfined()) {
      ZipArchive zip = new ZipArchive(file, WeightFile.map(file, arena));
      ZipArchive.Entry one = zip.entries().get("a/one");
      assertArrayEquals(Fixtures.latin("first"), zip.content(one).toArray(ValueLayout.JAVA_BYTE));
      assertEquals(3000, zip.entries().get("a/two").size());
      for (ZipArchive.Entry e : zip.entries().values()) {
        assertEquals(0, e.dataOffset() % 64);
      }
    }
  }

  @Test
  void readsAZipThatOtherToolsStored() throws IOException {
    Path file = folder.resolve("java.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      ZipEntry entry = new ZipEntry("x/data.pkl");
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(4);
      entry.setCrc(ZipArchive.crc(MemorySegment.ofArray(Fixtures.latin("\u0080\2}."))));
      out.putNextEntry(entry);
      out.write(Fixtures.latin("\u0080\2}."));
    }
    try (PthFile read = PthFile.read(file)) {
      assertEquals(0, read.stateDict().size());
    }
  }

  @Test
  void refusesACompressedArchive() throws IOException {
    Path file = folder.resolve("deflated.pth");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      out.putNextEntry(new ZipEntry("x/data.pkl"));
      out.write(new byte[1000]);
    }
    WeightException e = assertThrows(WeightException.class, () -> PthFile.read(file));
    assertTrue(e.getMessage().contains("compressed"), e.getMessage());
  }

  @Test
  void refusesAnArchiveWithoutOnePickle() {
    WeightException e = assertThrows(WeightException.class, () -> PthFile.read(archive(5000)));
    assertTrue(e.getMessage().contains("0 entries NAME/data.pkl"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {0xFFFFFFFFL, 0})
  void refusesAnArchiveCutShortAnywhere(long large) {
    byte[] whole = Fixtures.read(archive(large));
    for (int length = 0; length < whole.length; length++) {
      refused(Arrays.copyOf(whole, length));
    }
    refused(Arrays.copyOf(whole, whole.length + 1));
  }

  /** Fields of the first directory entry, of the end record, and of the first local header. */
  @ParameterizedTest
  @CsvSource({
    "central, 8, 1, encrypted",
    "central, 10, 8, compressed",
    "central, 16, 1, disagree",
    "central, 20, 6, inconsistent sizes",
    "central, 28, 999, runs past",
    "central, 42, 1, not where",
    "central, 0, 0, has no entry here",
    "end, 4, 1, several disks",
    "end, 10, 2, more than its 2",
    "end, 10, 4, no entry here",
    "end, 12, 1, inconsistent",
    "end, 16, 1, inconsistent",
    "local, 8, 8, disagree",
    "local, 30, 65, disagree",
    "local, 26, 60000, into the directory",
    "local, 22, 4, disagree",
    "local, 14, 1, disagree",
  })
  void refusesAFieldThatDisagrees(String place, int field, int value, String reason) {
    byte[] bytes = Fixtures.read(archive(0xFFFFFFFFL));
    ByteBuffer zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int end = bytes.length - ZipArchive.END_SIZE;
    int at =
        switch (place) {
          case "end" -> end;
          case "central" -> zip.getInt(end + 16);
          default -> 0;
        };
    zip.putShort(at + field, (short) value);
    Path file = Fixtures.write(folder, "bad.zip", bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = WeightFile.map(file, arena);
      WeightException e = assertThrows(WeightException.class, () -> new ZipArchive(file, mapped));
      assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
  }

  @Test
  void refusesEntriesThatShareBytes() {
    byte[] bytes = Fixtures.read(archive(0xFFFFFFFFL));
    ByteBuffer zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    // Both the directory and the local header of "a/one" claim 100 bytes, into "a/two"'s header.
    int central = zip.getInt(bytes.length - ZipArchive.END_SIZE + 16);
    zip.putInt(18, 100).putInt(22, 100).putInt(central + 20, 100).putInt(central + 24, 100);
    assertTrue(refused(bytes).getMessage().contains("overlaps"));
  }

  @Test
  void noticesAFlippedBitInAnyEntry() {
    Path file = folder.resolve("a.pth");
    PthFile.write(file, Fixtures.tensors(9));
    byte[] whole = Fixtures.read(file);
    try (Arena arena = Arena.ofConfined()) {
      ZipArchive zip = new ZipArchive(file, WeightFile.map(file, arena));
      for (ZipArchive.Entry e : zip.entries().values()) {
        if (e.size() > 0 && !e.name().endsWith("version")) {
          byte[] bad = whole.clone();
          bad[(int) (e.dataOffset() + e.size() / 2)] ^= 4;
          assertTrue(refused(bad).getMessage().contains("checksum"), e.name());
        }
      }
    }
  }
}
