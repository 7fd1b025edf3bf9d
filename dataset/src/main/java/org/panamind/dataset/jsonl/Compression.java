package org.panamind.dataset.jsonl;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** How a file is packed, told by its first bytes and not by its name. */
enum Compression {
  NONE,
  GZIP,
  ZSTD;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int HEAD_BYTES = 4;

  /** A stream of the unpacked bytes with how they were packed. */
  record Unpacked(InputStream bytes, Compression compression) {}

  static Unpacked open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    try {
      raw.mark(HEAD_BYTES);
      Compression compression = of(raw.readNBytes(HEAD_BYTES));
      raw.reset();
      return new Unpacked(compression.unpack(raw), compression);
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private static Compression of(byte[] head) {
    if (head.length >= 2 && (head[0] & 0xFF) == 0x1F && (head[1] & 0xFF) == 0x8B) {
      return GZIP;
    }
    boolean zstd =
        head.length >= HEAD_BYTES
            && (head[0] & 0xFF) == 0x28
            && (head[1] & 0xFF) == 0xB5
            && (head[2] & 0xFF) == 0x2F
            && (head[3] & 0xFF) == 0xFD;
    return zstd ? ZSTD : NONE;
  }

  private InputStream unpack(InputStream raw) throws IOException {
    return switch (this) {
      case NONE -> raw;
      case GZIP -> new GZIPInputStream(raw, BUFFER_BYTES);
      case ZSTD -> new ZstdInputStreamNoFinalizer(raw);
    };
  }
}
