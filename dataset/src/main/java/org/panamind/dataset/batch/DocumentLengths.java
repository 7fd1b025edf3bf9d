package org.panamind.dataset.batch;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.panamind.dataset.AtomicFile;
import org.panamind.dataset.Samples;

/**
 * How many tokens each document has. Packing needs all of them before the first row can be laid
 * out; 4 bytes a document in memory.
 */
public final class DocumentLengths {
  private static final long MARK = 0x50414E414D4C454EL;

  private final int[] lengths;

  private DocumentLengths(int[] lengths) {
    this.lengths = lengths;
  }

  /**
   * Counts by making every document once, on all processors.
   *
   * @throws IllegalArgumentException if there are more than 2^31 - 1 documents
   */
  public static DocumentLengths count(Samples<int[]> documents) {
    if (documents.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "packing takes at most %d documents, these are %d"
              .formatted(Integer.MAX_VALUE, documents.size()));
    }
    int[] lengths =
        IntStream.range(0, (int) documents.size())
            .parallel()
            .map(i -> documents.get(i).length)
            .toArray();
    return new DocumentLengths(lengths);
  }

  /**
   * Counts, or takes the numbers that an earlier run left in {@code file}. Where the file cannot be
   * written, every run counts anew.
   *
   * @param key names all that the lengths depend on: the data, the tokenizer, the split
   */
  public static DocumentLengths cached(Path file, String key, Samples<int[]> documents) {
    Optional<DocumentLengths> known = read(file, key, documents.size());
    return known.orElseGet(() -> countAndKeep(file, key, documents));
  }

  private static Optional<DocumentLengths> read(Path file, String key, long count) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      boolean ours = in.readLong() == MARK && in.readUTF().equals(key) && in.readInt() == count;
      if (!ours) {
        return Optional.empty();
      }
      int[] lengths = new int[(int) count];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = in.readInt();
      }
      return in.readLong() == MARK ? Optional.of(new DocumentLengths(lengths)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static DocumentLengths countAndKeep(Path file, String key, Samples<int[]> documents) {
    DocumentLengths counted = count(documents);
    try {
      AtomicFile.write(
          file,
          out -> {
            DataOutputStream data = new DataOutputStream(out);
            data.writeLong(MARK);
            data.writeUTF(key);
            data.writeInt(counted.lengths.length);
            for (int length : counted.lengths) {
              data.writeInt(length);
            }
            data.writeLong(MARK);
            data.flush();
          });
    } catch (UncheckedIOException readOnlyFolder) {
      return counted;
    }
    return counted;
  }

  int of(long document) {
    return lengths[(int) document];
  }

  int size() {
    return lengths.length;
  }

  /** Tokens of all documents. */
  public long tokens() {
    return IntStream.of(lengths).asLongStream().sum();
  }
}
