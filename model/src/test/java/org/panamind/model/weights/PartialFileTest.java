package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialFileTest {
  @TempDir Path folder;

  @Test
  void keepsTheOldFileWhenWritingFails() throws IOException {
    Path file = Files.writeString(folder.resolve("w"), "old");
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class,
            () ->
                PartialFile.replace(
                    file,
                    10,
                    channel -> {
                      PartialFile.write(channel, MemorySegment.ofArray(new byte[5]));
                      throw new IOException("disk is gone");
                    }));
    assertTrue(e.getMessage().contains("w.partial: needs 1 MiB, "), e.getMessage());
    assertTrue(e.getMessage().contains("disk is gone"), e.getMessage());
    assertEquals("old", Files.readString(file));
    assertFalse(Files.exists(folder.resolve("w.partial")));
  }

  @Test
  void leavesNothingBehindWhenATensorsMemoryIsGone() {
    Path source = folder.resolve("a.safetensors");
    Safetensors.write(source, Fixtures.tensors(1), Map.of());
    WeightFile read = Weights.open(source);
    List<StoredTensor> tensors = List.copyOf(read.tensors().values());
    read.close();
    Path target = folder.resolve("b.safetensors");
    assertThrows(IllegalStateException.class, () -> Safetensors.write(target, tensors, Map.of()));
    assertFalse(Files.exists(target));
    assertFalse(Files.exists(folder.resolve("b.safetensors.partial")));
  }

  @Test
  void refusesBeforehandWhatTheDiskCannotHold() {
    Path file = folder.resolve("w");
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class,
            () -> PartialFile.replace(file, 1L << 60, channel -> channel.truncate(0)));
    assertTrue(e.getMessage().contains("needs 1099511627776 MiB"), e.getMessage());
    assertFalse(Files.exists(folder.resolve("w.partial")));
  }

  @Test
  void saysThatAFolderCannotBeUsed() throws IOException {
    Path notAFolder = Files.writeString(folder.resolve("plain"), "x");
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class,
            () -> PthFile.write(notAFolder.resolve("w.pth"), Fixtures.tensors(1)));
    assertTrue(e.getMessage().startsWith("cannot write " + notAFolder), e.getMessage());
  }

  @Test
  void writesThroughAReadMappingOfTheSameFile() {
    Path file = folder.resolve("sub/folder/a.safetensors");
    Safetensors.write(file, Fixtures.tensors(1), Map.of());
    byte[] before = Fixtures.read(file);
    try (WeightFile read = Weights.open(file)) {
      Safetensors.write(file, read.tensors().values(), Map.of());
      assertTrue(Fixtures.touch(read) != 0);
    }
    assertArrayEquals(before, Fixtures.read(file));
  }
}
