package org.panamind.model.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a zip of stored entries, each starting at a multiple of 64 bytes through a padding field
 * in its header, as torch does, so that a reader can map them. Everything about the layout is known
 * beforehand, so the file is written front to back. No dates: equal input, equal bytes.
 */
final class ZipWriter {
  private static final int ALIGNMENT = 64;
  private static final int PADDING_FIELD = 'F' | 'B' << 8;
  private static final int FIELD_HEADER = 4;
  private static final int ZIP64_SIZES = FIELD_HEADER + 16;
  private static final int VERSION = 20;
  private static final int VERSION64 = 45;
  private static final int NAMES_ARE_UTF8 = 1 << 11;

  private record Part(byte[] name, MemorySegment content, long crc, long header, long data) {}

  private final long large;
  private final List<Part> parts = new ArrayList<>();
  private long end;

  /** A writer that turns to zip64 where the plain format ends. */
  ZipWriter() {
    this(ZipArchive.MASK32);
  }

  /**
   * @param large the first size or offset for which zip64 fields are written, 2^32 - 1 by the
   *     format; lower for a test that cannot write so much
   */
  ZipWriter(long large) {
    this.large = large;
  }

  /** Adds an entry after those before it; {@code content} is read again by {@link #write}. */
  void add(String name, MemorySegment content) {
    byte[] raw = name.getBytes(StandardCharsets.UTF_8);
    long header = end;
    long unpadded = header + ZipArchive.LOCAL_SIZE + raw.length + sizesField(content.byteSize());
    long data = (unpadded + FIELD_HEADER + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    parts.add(new Part(raw, content, ZipArchive.crc(content), header, data));
    end = data + content.byteSize();
  }

  /**
   * Writes the archive whole or not at all.
   *
   * @throws java.io.UncheckedIOException if it cannot
   */
  void write(Path file) {
    long size = end + ZipArchive.END64_SIZE + ZipArchive.LOCATOR64_SIZE + ZipArchive.END_SIZE;
    for (Part p : parts) {
      size += ZipArchive.CENTRAL_SIZE + p.name.length + ZIP64_SIZES + Long.BYTES;
    }
    PartialFile.replace(file, size, this::writeTo);
  }

  private void writeTo(FileChannel channel) throws IOException {
    for (Part p : parts) {
      put(channel, localHeader(p));
      PartialFile.write(channel, p.content);
    }
    for (Part p : parts) {
      put(channel, centralHeader(p));
    }
    put(channel, endRecords(end, channel.position() - end));
  }

  private int sizesField(long size) {
    return size >= large ? ZIP64_SIZES : 0;
  }

  private ByteBuffer localHeader(Part p) {
    long size = p.content.byteSize();
    ByteBuffer out = buffer((int) (p.data - p.header));
    out.putInt(ZipArchive.LOCAL);
    putCommon(out, p, size >= large);
    int extra = (int) (p.data - p.header) - ZipArchive.LOCAL_SIZE - p.name.length;
    out.putShort((short) p.name.length).putShort((short) extra).put(p.name);
    if (size >= large) {
      out.putShort((short) ZipArchive.ZIP64_FIELD).putShort((short) 16).putLong(size).putLong(size);
    }
    out.putShort((short) PADDING_FIELD).putShort((short) (out.remaining() - Short.BYTES));
    return out.position(out.limit()).flip();
  }

  private ByteBuffer centralHeader(Part p) {
    long size = p.content.byteSize();
    boolean largeSize = size >= large;
    boolean largeOffset = p.header >= large;
    int numbers = (largeSize ? 16 : 0) + (largeOffset ? 8 : 0);
    int extra = numbers == 0 ? 0 : FIELD_HEADER + numbers;
    ByteBuffer out = buffer(ZipArchive.CENTRAL_SIZE + p.name.length + extra);
    out.putInt(ZipArchive.CENTRAL).putShort((short) (numbers > 0 ? VERSION64 : VERSION));
    putCommon(out, p, largeSize);
    out.putShort((short) p.name.length).putShort((short) extra);
    // No comment, disk 0, no attributes.
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    out.putInt((int) (largeOffset ? ZipArchive.MASK32 : p.header)).put(p.name);
    if (numbers > 0) {
      out.putShort((short) ZipArchive.ZIP64_FIELD).putShort((short) numbers);
    }
    if (largeSize) {
      out.putLong(size).putLong(size);
    }
    if (largeOffset) {
      out.putLong(p.header);
    }
    return out.flip();
  }

  /** The fields from the version to the sizes, which both kinds of header have. */
  private static void putCommon(ByteBuffer out, Part p, boolean largeSize) {
    int size = (int) (largeSize ? ZipArchive.MASK32 : p.content.byteSize());
    out.putShort((short) (largeSize ? VERSION64 : VERSION)).putShort((short) NAMES_ARE_UTF8);
    // Stored, without time and date.
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    out.putInt((int) p.crc).putInt(size).putInt(size);
  }

  private ByteBuffer endRecords(long offset, long size) {
    int count = parts.size();
    boolean wide = offset >= large || size >= large || count >= 0xFFFF;
    ByteBuffer out =
        buffer(ZipArchive.END64_SIZE + ZipArchive.LOCATOR64_SIZE + ZipArchive.END_SIZE);
    if (wide) {
      out.putInt(ZipArchive.END64).putLong(ZipArchive.END64_SIZE - 12);
      out.putShort((short) VERSION64).putShort((short) VERSION64).putInt(0).putInt(0);
      out.putLong(count).putLong(count).putLong(size).putLong(offset);
      out.putInt(ZipArchive.LOCATOR64).putInt(0).putLong(offset + size).putInt(1);
    }
    short plainCount = (short) (wide ? 0xFFFF : count);
    out.putInt(ZipArchive.END).putShort((short) 0).putShort((short) 0);
    out.putShort(plainCount).putShort(plainCount);
    out.putInt((int) (wide ? ZipArchive.MASK32 : size));
    out.putInt((int) (wide ? ZipArchive.MASK32 : offset)).putShort((short) 0);
    return out.flip();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void put(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
