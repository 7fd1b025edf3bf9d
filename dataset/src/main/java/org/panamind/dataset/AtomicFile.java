package org.panamind.dataset;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file so that a reader, or a crash at any moment, sees the old one or the whole new one.
 */
public final class AtomicFile {
  private static final int BUFFER_BYTES = 1 << 16;

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Body {
    /** Writes everything to {@code out}, which is buffered and closed by the caller. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes {@code target} through a file of its own beside it, forced to the disk and then renamed.
   * Several processes may write the same target at once; the last one stands.
   *
   * @throws UncheckedIOException if it cannot be written; nothing is left behind then
   */
  public static void write(Path target, Body body) {
    try {
      replace(target, body);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target + ": " + reason(e), e);
    }
  }

  private static void replace(Path target, Body body) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    // Not a temporary file of Java's: those are private to the user, this one obeys the umask.
    Path partial = folder.resolve(target.getFileName() + "." + UUID.randomUUID() + ".partial");
    try {
      try (FileChannel channel =
          FileChannel.open(partial, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        OutputStream out =
            new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
        body.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(
          partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceNames(folder);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Makes the new name survive a power loss, where the system lets a folder be opened. */
  private static void forceNames(Path folder) throws IOException {
    if (File.separatorChar == '/') {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Says why an I/O operation failed, where Java gives only the file's name as the message. */
  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException none -> "no such file or folder";
      case AccessDeniedException denied -> "permission denied";
      case FileAlreadyExistsException exists -> "a file of that name is in the way";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
