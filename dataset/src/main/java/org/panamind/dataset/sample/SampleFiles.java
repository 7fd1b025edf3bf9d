package org.panamind.dataset.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.panamind.dataset.AtomicFile;

/**
 * Two files of made-up records: one to train on and one to measure on, with no record in both.
 *
 * @param training the file to train on
 * @param heldOut the file to measure on
 */
public record SampleFiles(Path training, Path heldOut) {
  /** Draws without a new record after which a generator is taken to have no more. */
  private static final int MOST_REPEATS = 10_000;

  /**
   * Writes {@code <name>.jsonl} and {@code <name>-heldout.jsonl}. The same seed and counts give the
   * same bytes on every machine.
   *
   * @param folder made when it does not exist
   * @param trainingCount records to train on; they may repeat, as in a real text
   * @param heldOutCount records to measure on, all different
   * @throws IllegalArgumentException if the generator cannot make so many different ones
   * @throws java.io.UncheckedIOException if the files cannot be written
   */
  public static SampleFiles write(
      Path folder, SampleGenerator generator, long seed, int trainingCount, int heldOutCount) {
    // java.util.Random, because its sequence is part of its specification.
    Random random = new Random(seed);
    Supplier<ObjectNode> source = () -> generator.next(random);
    Set<String> heldOut = new LinkedHashSet<>();
    for (int i = 0; i < heldOutCount; i++) {
      heldOut.add(draw(generator, source, heldOut));
    }
    SampleFiles files =
        new SampleFiles(
            folder.resolve(generator.name() + ".jsonl"),
            folder.resolve(generator.name() + "-heldout.jsonl"));
    AtomicFile.write(
        files.training,
        out -> {
          for (int i = 0; i < trainingCount; i++) {
            out.write(line(draw(generator, source, heldOut)));
          }
        });
    AtomicFile.write(
        files.heldOut,
        out -> {
          for (String record : heldOut) {
            out.write(line(record));
          }
        });
    return files;
  }

  private static byte[] line(String record) {
    return (record + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static String draw(
      SampleGenerator generator, Supplier<ObjectNode> source, Set<String> without) {
    for (int i = 0; i < MOST_REPEATS; i++) {
      String record = source.get().toString();
      if (!without.contains(record)) {
        return record;
      }
    }
    throw new IllegalArgumentException(
        "the generator \"%s\" makes hardly more than %d different records; ask for fewer held-out ones"
            .formatted(generator.name(), without.size()));
  }
}
