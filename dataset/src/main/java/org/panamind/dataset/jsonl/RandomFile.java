package org.panamind.dataset.jsonl;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * Reads pieces of a file at given places, for many threads. Not a {@code FileChannel}: an interrupt
 * of one reading thread would close it for all.
 */
final class RandomFile implements AutoCloseable {
  private final RandomAccessFile file;

  RandomFile(Path path) throws IOException {
    file = new RandomAccessFile(path.toFile(), "r");
  }

  synchronized void read(long offset, byte[] into) throws IOException {
    file.seek(offset);
    file.readFully(into);
  }

  synchronized long size() throws IOException {
    return file.length();
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
