package org.panamind.model.weights;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes safetensors files: eight bytes of header length, a JSON header, the tensors'
 * bytes without a gap. Nothing in such a file can run.
 */
public final class Safetensors {
  private Safetensors() {}

  /**
   * Opens a file, mapped, not copied. Every rule of the format is checked: header at most 100 MB
   * and inside the file, tensors that neither overlap nor leave gaps nor end early, shapes that
   * agree with their bytes, no name twice.
   *
   * @return the open file; the caller closes it
   * @throws WeightException if there is no such file or it breaks a rule
   * @throws UncheckedIOException if it cannot be read
   */
  public static WeightFile read(Path file) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment bytes = WeightFile.map(file, arena);
      SafetensorsHeader header = SafetensorsHeader.parse(file, bytes);
      LinkedHashMap<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (SafetensorsHeader.Entry e : header.entries()) {
        MemorySegment data = bytes.asSlice(header.dataStart() + e.begin(), e.end() - e.begin());
        tensors.put(e.name(), new StoredTensor(e.name(), e.type(), e.shape(), data));
      }
      return new WeightFile(file, arena, tensors, header.metadata());
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Writes a file whole or not at all, straight from the tensors' segments. The same input gives
   * the same bytes. Tied tensors are stored once per name, as the format wants it.
   *
   * @param tensors in the order to store; wider element types are moved to the front so that each
   *     tensor is aligned to its elements
   * @param metadata written under {@code __metadata__} besides {@code format=pt}, which it may
   *     override
   * @throws IllegalArgumentException if a name stands twice or is {@code __metadata__}
   * @throws UncheckedIOException if the file cannot be written; an older one is intact then
   */
  public static void write(
      Path file, Collection<StoredTensor> tensors, Map<String, String> metadata) {
    List<StoredTensor> ordered = new ArrayList<>(tensors);
    ordered.sort(Comparator.comparingInt((StoredTensor t) -> t.type().width()).reversed());
    TreeMap<String, String> all = new TreeMap<>(Map.of("format", "pt"));
    all.putAll(metadata);
    byte[] header = SafetensorsHeader.encode(ordered, all);
    long size = Long.BYTES + header.length;
    for (StoredTensor t : ordered) {
      size = Math.addExact(size, t.bytes().byteSize());
    }
    PartialFile.replace(
        file,
        size,
        channel -> {
          ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          length.putLong(0, header.length);
          PartialFile.write(channel, MemorySegment.ofBuffer(length));
          PartialFile.write(channel, MemorySegment.ofArray(header));
          for (StoredTensor t : ordered) {
            PartialFile.write(channel, t.bytes());
          }
        });
  }
}
