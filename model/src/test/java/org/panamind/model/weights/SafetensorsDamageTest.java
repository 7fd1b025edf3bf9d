package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsDamageTest {
  @TempDir Path folder;

  private WeightException refused(byte[] bytes) {
    Path file = Fixtures.write(folder, "bad.safetensors", bytes);
    WeightException e = assertThrows(WeightException.class, () -> Safetensors.read(file).close());
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().endsWith("."), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    return e;
  }

  @Test
  void refusesAFileCutShortAnywhere() {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Fixtures.tensors(3), Map.of());
    byte[] whole = Fixtures.read(file);
    for (int length = 0; length < whole.length; length++) {
      WeightException e = refused(Arrays.copyOf(whole, length));
      assertTrue(e.offset() >= 0 && e.offset() <= length, e.getMessage());
    }
    assertTrue(refused(Arrays.copyOf(whole, whole.length + 1)).getMessage().contains("holds"));
  }

  @Test
  void refusesEveryFlippedBitOfTheLengthField() {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Fixtures.tensors(3), Map.of());
    byte[] whole = Fixtures.read(file);
    for (int bit = 0; bit < 64; bit++) {
      byte[] bad = whole.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      refused(bad);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 60, 1L << 63, -1, 100_000_001, 1, 0})
  void refusesAnAbsurdHeaderLengthWithoutAllocatingIt(long length) {
    byte[] bytes = new byte[64];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    bytes[8] = '{';
    WeightException e = refused(bytes);
    assertTrue(e.getMessage().contains(Long.toUnsignedString(length)), e.getMessage());
    assertEquals(0, e.offset());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}x|no JSON",
        "8|[]|does not start with",
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|takes 8 bytes",
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}|before their start",
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}|negative number -2",
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}|whole numbers",
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}|negative number -8",
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,8]}}|no"
            + " JSON",
        "8|{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}|2^63",
        "8|{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}|F8_E4M3",
        "8|{\"a\":{\"dtype\":4,\"shape\":[8],\"data_offsets\":[0,8]}}|a string as dtype",
        "8|{\"a\":{\"shape\":[8],\"data_offsets\":[0,8]}}|missing",
        "8|{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0]}}|missing",
        "8|{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8,8]}}|more than 2",
        "8|{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"shape\":[8],\"data_offsets\":[0,8]}}|twice",
        "8|{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"x\":[8],\"data_offsets\":[0,8]}}|unknown",
        "8|{\"a\":[]}|an object as description",
        "8|{\"__metadata__\":{\"a\":1}}|a string as metadata",
        "8|{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}|stands twice",
        "8|{\"__metadata__\":[]}|an object of strings",
        "8|{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]|no JSON",
        "8|{}|tells of 0 bytes of tensors, the file holds 8",
        "9|{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}|the file holds 9",
        "9|{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[1,9]}}|leaves a gap",
        "8|{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],\"data_offsets\":[0,9223372036854775807]}}|the"
            + " file holds",
      })
  void namesWhatAHeaderBreaks(int data, String header, String reason) {
    String message = refused(Fixtures.safetensors(header, data)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  @Test
  void refusesTensorsThatShareBytes() {
    String a = "\"a\":{\"dtype\":\"U8\",\"shape\":[6],\"data_offsets\":[0,6]}";
    String b = "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}";
    String message = refused(Fixtures.safetensors("{" + b + "," + a + "}", 8)).getMessage();
    assertTrue(message.contains("\"b\" overlaps"), message);
  }

  @Test
  void refusesATensorNamedTwice() {
    String a = "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}";
    String again = "\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}";
    String message = refused(Fixtures.safetensors("{" + a + "," + again + "}", 8)).getMessage();
    assertTrue(message.contains("\"a\" stands twice"), message);
  }

  @Test
  void refusesAHeaderThatIsNotUtf8() {
    byte[] bytes = Fixtures.safetensors("{\"??\":{\"dtype\":\"U8\",\"shape\":[0]}}", 0);
    bytes[10] = (byte) 0xC0;
    bytes[11] = (byte) 0xAF;
    assertTrue(refused(bytes).getMessage().contains("UTF-8"));
  }

  @Test
  void keepsForeignControlCharactersOutOfItsMessage() {
    String header = "{\"\\u001b[2J\\nall is well\":3}";
    String message = refused(Fixtures.safetensors(header, 0)).getMessage();
    assertTrue(message.contains("\\u001b[2J\\u000aall is well"), message);
  }

  static Stream<String> bombs() {
    int size = 4 << 20;
    String tensor = "\"%d\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},";
    StringBuilder tensors = new StringBuilder("{");
    StringBuilder metadata = new StringBuilder("{\"__metadata__\":{");
    for (int i = 0; i < 150_000; i++) {
      tensors.append(tensor.formatted(i));
      metadata.append('"').append(i).append("\":\"\",");
    }
    return Stream.of(
        "{\"a\":".repeat(size / 5),
        "{\"a\":" + "[".repeat(size),
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + "1,".repeat(size / 2),
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + "1".repeat(size),
        "{\"" + "a".repeat(size),
        tensors.toString(),
        metadata.toString());
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void holdsLittleMemoryUnderAHostileHeader(String header) {
    byte[] bytes = Fixtures.safetensors(header, 0);
    Path file = Fixtures.write(folder, "bomb.safetensors", bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThrows(WeightException.class, () -> Safetensors.read(file).close());
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    // All that was ever allocated, live or not: 40 MB cover the largest number of entries allowed.
    assertTrue(allocated < 2L * bytes.length + 40_000_000, allocated + " bytes");
  }

  @Test
  void answersForAMissingFileAFolderAndAnEmptyFile() throws IOException {
    Path none = folder.resolve("none.safetensors");
    Path empty = Files.createFile(folder.resolve("empty.safetensors"));
    for (Path p : List.of(none, empty, folder)) {
      WeightException e = assertThrows(WeightException.class, () -> Weights.open(p).close());
      assertEquals(p, e.file());
    }
  }
}
