package org.panamind.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Replaces a file whole or not at all: the bytes go to {@code name.partial}, are forced to disk and
 * moved over the old file, then the folder is forced, so that neither a kill nor a power cut leaves
 * half a file under the real name.
 */
final class PartialFile {
  private static final int CHUNK = 8 << 20;
  private static final long MIB = 1 << 20;

  private PartialFile() {}

  /** Writes the content from the channel's start. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes {@code target}; its folder is made when missing.
   *
   * @param size bytes that {@code content} will write, to refuse a full disk beforehand
   * @throws UncheckedIOException if it cannot; what stood at {@code target} is intact then
   */
  static void replace(Path target, long size, Content content) {
    Path whole = target.toAbsolutePath();
    Path folder = whole.getParent();
    Path partial = whole.resolveSibling(whole.getFileName() + ".partial");
    try {
      Files.createDirectories(folder);
      if (folder.toFile().getUsableSpace() < size) {
        throw new IOException("too little space");
      }
      try (FileChannel channel = openNew(partial)) {
        fill(channel, partial, content);
      }
      Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE);
      force(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write " + partial + ": " + situation(folder, size) + " (" + e + ")", e);
    }
  }

  /** Writes a whole segment in pieces that a byte buffer can address. */
  static void write(FileChannel channel, MemorySegment bytes) throws IOException {
    for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
      ByteBuffer piece = bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer();
      while (piece.hasRemaining()) {
        channel.write(piece);
      }
    }
  }

  private static void fill(FileChannel channel, Path partial, Content content) throws IOException {
    boolean whole = false;
    try {
      content.writeTo(channel);
      channel.force(true);
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(partial);
      }
    }
  }

  private static FileChannel openNew(Path partial) throws IOException {
    return FileChannel.open(
        partial,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /** A rename lives in the folder, so the folder must reach the disk too (as Lucene does it). */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String situation(Path folder, long size) {
    String needs = "needs " + (size + MIB - 1) / MIB + " MiB";
    if (!Files.isDirectory(folder)) {
      return needs + " in " + folder + ", which cannot be used; choose another folder";
    }
    long free = folder.toFile().getUsableSpace();
    return needs
        + ", "
        + free / MIB
        + " MiB free on "
        + folder
        + "; make room or choose another folder";
  }
}
