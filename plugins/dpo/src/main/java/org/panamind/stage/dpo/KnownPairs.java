package org.panamind.stage.dpo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.panamind.dataset.AtomicFile;
import org.panamind.dataset.batch.Batch;

/**
 * A reference's log-probabilities on disk, 16 bytes a pair at the place of the pair's number: both
 * sums and 8 bytes of a hash over them, the pair's tokens and who computed them. A record counts
 * only while its hash fits, so a half-written one, one of other data or one of other weights is
 * simply not there. Ranks of one machine may share the file.
 */
final class KnownPairs implements AutoCloseable {
  private static final int RECORD = 16;

  private final Path file;
  private final FileChannel channel;
  private final byte[] reference;

  /**
   * Summed log-probabilities of a pair's answers.
   *
   * @param chosen in nats
   * @param rejected in nats
   */
  record Sums(float chosen, float rejected) {}

  private KnownPairs(Path file, FileChannel channel, byte[] reference) {
    this.file = file;
    this.channel = channel;
    this.reference = reference;
  }

  /**
   * Opens the file, empty where there is none.
   *
   * @param reference names all that the values depend on besides the pair
   * @throws UncheckedIOException if it cannot be made or opened
   */
  static KnownPairs open(Path file, String reference) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      var channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new KnownPairs(file, channel, reference.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw failure("be opened", file, e);
    }
  }

  /** The hash of a weight file, for {@link #open}. */
  static String fingerprint(Path weights) {
    try (var in = Files.newInputStream(weights)) {
      var digest = sha256();
      var buffer = new byte[1 << 20];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer))
        digest.update(buffer, 0, read);
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw failure("be read", weights, e);
    }
  }

  /**
   * What was kept of a pair.
   *
   * @param number of the pair in its data; below 0 for a held-out one
   * @param pair its two rows
   */
  Optional<Sums> find(long number, Batch pair) {
    var record = ByteBuffer.allocate(RECORD);
    try {
      for (int read = 0; read >= 0 && record.hasRemaining(); )
        read = channel.read(record, place(number) + record.position());
    } catch (IOException e) {
      throw failure("be read", file, e);
    }
    if (record.hasRemaining()) return Optional.empty();
    var sums = new Sums(record.getFloat(0), record.getFloat(4));
    return record.getLong(8) == seal(pair, sums) ? Optional.of(sums) : Optional.empty();
  }

  /** Keeps a pair's values. */
  void put(long number, Batch pair, Sums sums) {
    var record = ByteBuffer.allocate(RECORD).putFloat(sums.chosen).putFloat(sums.rejected);
    record.putLong(seal(pair, sums)).flip();
    try {
      while (record.hasRemaining()) channel.write(record, place(number) + record.position());
    } catch (IOException e) {
      throw failure("be written", file, e);
    }
  }

  /** Training and held-out pairs take turns. */
  private static long place(long number) {
    return RECORD * (number >= 0 ? 2 * number : 2 * ~number + 1);
  }

  private long seal(Batch pair, Sums sums) {
    var digest = sha256();
    digest.update(reference);
    var bytes =
        ByteBuffer.allocate(Long.BYTES * (pair.lengths().length + 2 * pair.ids().length) + 8);
    for (int length : pair.lengths()) bytes.putLong(length);
    for (long id : pair.ids()) bytes.putLong(id);
    for (long label : pair.labels()) bytes.putLong(label);
    bytes.putFloat(sums.chosen).putFloat(sums.rejected);
    return ByteBuffer.wrap(digest.digest(bytes.array())).getLong();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static UncheckedIOException failure(String what, Path file, IOException e) {
    return new UncheckedIOException(
        "%s: cannot %s: %s".formatted(file, what, AtomicFile.reason(e)), e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure("be closed", file, e);
    }
  }
}
