package org.panamind.model.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The directory of a mapped zip archive whose entries are stored as they are, which is how {@code
 * torch.save} writes, so that each entry is a slice of the mapping. Own code, because {@code
 * java.util.zip} gives streams, not offsets. Stricter than unzip programs: whatever the directory
 * and the entries' own headers disagree on is refused, and so are overlaps and anything compressed
 * or encrypted. Zip64 is read (APPNOTE.TXT, 4.3 and 4.5.3).
 */
final class ZipArchive {
  static final int LOCAL = 0x04034b50;
  static final int CENTRAL = 0x02014b50;
  static final int END = 0x06054b50;
  static final int END64 = 0x06064b50;
  static final int LOCATOR64 = 0x07064b50;
  static final int ZIP64_FIELD = 1;
  static final int END_SIZE = 22;
  static final int END64_SIZE = 56;
  static final int LOCATOR64_SIZE = 20;
  static final int CENTRAL_SIZE = 46;
  static final int LOCAL_SIZE = 30;
  static final long MASK32 = 0xFFFFFFFFL;

  private static final int ENCRYPTED = 1;
  private static final int SIZES_FOLLOW = 8;
  private static final int MAX_ENTRIES = 200_000;
  private static final String REMEDY = "The file is damaged; copy or download it again.";

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** An entry's bytes are [dataOffset, dataOffset + size) of the file. */
  record Entry(String name, long headerOffset, long dataOffset, long size, long crc) {}

  /** Where the central directory lies and how many entries it lists. */
  private record Directory(long offset, long size, long count) {}

  private final Path file;
  private final MemorySegment bytes;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Reads and checks the directory.
   *
   * @throws WeightException if it is missing, inconsistent or lists an entry that is not plainly
   *     stored
   */
  ZipArchive(Path file, MemorySegment bytes) {
    this.file = file;
    this.bytes = bytes;
    Directory directory = findDirectory();
    long at = directory.offset;
    for (long i = 0; i < directory.count; i++) {
      at = readEntry(at, directory);
    }
    if (at != directory.offset + directory.size) {
      throw broken(at, "the zip directory holds more than its " + directory.count + " entries");
    }
    checkOverlaps();
  }

  /** The entries by name, in the directory's order. */
  Map<String, Entry> entries() {
    return entries;
  }

  /**
   * An entry's bytes, compared with its checksum. A recorded checksum of 0 is not compared: torch
   * can be told to write none.
   */
  MemorySegment content(Entry entry) {
    MemorySegment data = bytes.asSlice(entry.dataOffset, entry.size);
    if (entry.crc != 0) {
      long actual = crc(data);
      if (actual != entry.crc) {
        String reason = "entry %s has checksum %08x, its bytes give %08x";
        throw broken(
            entry.dataOffset,
            reason.formatted(WeightException.printable(entry.name), entry.crc, actual));
      }
    }
    return data;
  }

  /** The zip checksum of a segment of any size. */
  static long crc(MemorySegment data) {
    CRC32 crc = new CRC32();
    int chunk = 1 << 26;
    for (long at = 0; at < data.byteSize(); at += chunk) {
      crc.update(data.asSlice(at, Math.min(chunk, data.byteSize() - at)).asByteBuffer());
    }
    return crc.getValue();
  }

  private Directory findDirectory() {
    long end = bytes.byteSize() - END_SIZE;
    long last = Math.max(0, end - 0xFFFF);
    while (end >= last
        && !(u32(end) == END && end + END_SIZE + u16(end + 20) == bytes.byteSize())) {
      end--;
    }
    if (end < last) {
      String reason = "the zip directory at the end is missing, the file seems to be cut short";
      throw broken(bytes.byteSize(), reason);
    }
    if (u16(end + 4) != 0 || u16(end + 6) != 0) {
      throw broken(end, "the zip spans several disks");
    }
    Directory small = new Directory(u32(end + 16) & MASK32, u32(end + 12) & MASK32, u16(end + 10));
    Directory directory = small;
    long directoryEnd = end;
    long locator = end - LOCATOR64_SIZE;
    if (locator >= 0 && u32(locator) == LOCATOR64) {
      directoryEnd = u64(locator + 8);
      directory = readDirectory64(directoryEnd, locator, small);
    }
    if (directory.offset < 0
        || directory.size < 0
        || directory.offset > directoryEnd
        || directory.offset + directory.size != directoryEnd) {
      throw broken(end, "the zip directory's place is inconsistent");
    }
    if (directory.count < 0 || directory.count > MAX_ENTRIES) {
      throw broken(end, "the zip has more than " + MAX_ENTRIES + " entries");
    }
    return directory;
  }

  private Directory readDirectory64(long at, long locator, Directory small) {
    if (at < 0 || at > locator - END64_SIZE || u32(at) != END64) {
      throw broken(locator, "the zip64 directory is not where its locator says");
    }
    Directory large = new Directory(u64(at + 48), u64(at + 40), u64(at + 32));
    boolean agree =
        (small.offset == MASK32 || small.offset == large.offset)
            && (small.size == MASK32 || small.size == large.size)
            && (small.count == 0xFFFF || small.count == large.count);
    if (!agree) {
      throw broken(at, "the zip64 directory and the plain one disagree");
    }
    return large;
  }

  /** Reads one line of the directory; returns where the next starts. */
  private long readEntry(long at, Directory directory) {
    long end = directory.offset + directory.size;
    if (at > end - CENTRAL_SIZE || u32(at) != CENTRAL) {
      throw broken(
          at, "the zip directory has no entry here, " + directory.count + " are announced");
    }
    int nameLength = u16(at + 28);
    int extraLength = u16(at + 30);
    long next = at + CENTRAL_SIZE + nameLength + extraLength + u16(at + 32);
    if (next > end) {
      throw broken(at, "a zip directory entry runs past the directory's end");
    }
    String name = name(at + CENTRAL_SIZE, nameLength);
    String shown = WeightException.printable(name);
    if ((u16(at + 8) & ENCRYPTED) != 0 || u16(at + 10) != 0) {
      throw new WeightException(
          file,
          at,
          "zip entry " + shown + " is compressed or encrypted, torch.save stores entries plainly",
          "Save the file again with torch.save; do not zip it by other means.");
    }
    Zip64 sizes =
        new Zip64(at + CENTRAL_SIZE + nameLength, extraLength, "the zip directory's " + shown);
    long size = sizes.widen(u32(at + 24));
    long packed = sizes.widen(u32(at + 20));
    long header = sizes.widen(u32(at + 42));
    long crc = u32(at + 16) & MASK32;
    if (size != packed || size < 0 || header < 0) {
      throw broken(at, "zip entry " + shown + " has inconsistent sizes");
    }
    Entry entry = new Entry(name, header, dataOffset(header, name, directory, size), size, crc);
    checkLocal(entry, shown);
    if (entries.put(name, entry) != null) {
      throw broken(at, "zip entry " + shown + " stands twice");
    }
    return next;
  }

  private long dataOffset(long header, String name, Directory directory, long size) {
    String shown = WeightException.printable(name);
    if (header > directory.offset - LOCAL_SIZE || u32(header) != LOCAL) {
      throw broken(header, "zip entry " + shown + " is not where the directory says");
    }
    long data = header + LOCAL_SIZE + u16(header + 26) + u16(header + 28);
    if (data > directory.offset || size > directory.offset - data) {
      throw broken(header, "zip entry " + shown + " of " + size + " bytes runs into the directory");
    }
    return data;
  }

  /** The entry's own header must tell the same as the directory, as far as it tells anything. */
  private void checkLocal(Entry entry, String shown) {
    long at = entry.headerOffset;
    int flags = u16(at + 6);
    int nameLength = u16(at + 26);
    boolean same =
        (flags & ENCRYPTED) == 0
            && u16(at + 8) == 0
            && name(at + LOCAL_SIZE, nameLength).equals(entry.name);
    if (same && (flags & SIZES_FOLLOW) == 0) {
      Zip64 sizes = new Zip64(at + LOCAL_SIZE + nameLength, u16(at + 28), "zip entry " + shown);
      same =
          sizes.widen(u32(at + 22)) == entry.size
              && sizes.widen(u32(at + 18)) == entry.size
              && (u32(at + 14) & MASK32) == entry.crc;
    }
    if (!same) {
      throw broken(at, "zip entry " + shown + " and the zip directory disagree");
    }
  }

  private void checkOverlaps() {
    List<Entry> byPlace = new ArrayList<>(entries.values());
    byPlace.sort(Comparator.comparingLong(Entry::headerOffset));
    long at = 0;
    for (Entry e : byPlace) {
      if (e.headerOffset < at) {
        String shown = WeightException.printable(e.name);
        throw broken(e.headerOffset, "zip entry " + shown + " overlaps the one before it");
      }
      at = e.dataOffset + e.size;
    }
  }

  private String name(long at, int length) {
    byte[] raw = bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(raw, StandardCharsets.UTF_8);
  }

  private int u16(long at) {
    return Short.toUnsignedInt(bytes.get(U16, at));
  }

  private int u32(long at) {
    return bytes.get(U32, at);
  }

  private long u64(long at) {
    return bytes.get(U64, at);
  }

  private WeightException broken(long at, String reason) {
    return new WeightException(file, Math.max(0, at), reason, REMEDY);
  }

  /** The extra field that continues numbers too large for 32 bits, in the order they are asked. */
  private final class Zip64 {
    private final String owner;
    private long at;
    private long end;

    Zip64(long extra, int length, String owner) {
      this.owner = owner;
      long field = extra;
      long extraEnd = extra + length;
      while (field + 4 <= extraEnd) {
        long next = field + 4 + u16(field + 2);
        if (u16(field) == ZIP64_FIELD && next <= extraEnd) {
          at = field + 4;
          end = next;
          return;
        }
        field = next;
      }
    }

    long widen(int small) {
      long value = small & MASK32;
      if (value != MASK32) {
        return value;
      }
      if (at + 8 > end) {
        throw broken(at, owner + " lacks its 64-bit size or offset");
      }
      at += 8;
      return u64(at - 8);
    }
  }
}
