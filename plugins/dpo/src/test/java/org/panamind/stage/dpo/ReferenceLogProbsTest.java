package org.panamind.stage.dpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.rows.PreferenceBatch;
import org.panamind.dataset.rows.PreferencePair;
import org.panamind.model.Decoder;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.TensorScope;

class ReferenceLogProbsTest {
  private static final int PAIRS = 40;

  @TempDir Path temporary;
  private Path file;
  private TensorScope scope;

  @BeforeEach
  void open() {
    file = temporary.resolve("reference/dpo.pairs");
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Decoder decoder(int seed) {
    Generators.seed(seed);
    return Decoder.random(StageFolder.sizes(32), Device.CPU);
  }

  private ReferenceLogProbs onDisk(int seed, String name, long mostInMemory) {
    return new ReferenceLogProbs(decoder(seed), KnownPairs.open(file, name), mostInMemory);
  }

  private static Row row(int... ids) {
    int[] labels = ids.clone();
    labels[0] = labels[1] = Row.IGNORED;
    return Row.of(ids, labels);
  }

  /** Training pairs and held-out ones; another shift is other text under the same numbers. */
  private static PreferenceBatch batch(int shift) {
    List<PreferencePair> pairs = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      long number = i % 2 == 0 ? i / 2 : ~(i / 2);
      pairs.add(new PreferencePair(row(1, i, 5 + shift, 7), row(1, i, 9, 11 + shift, 3), number));
    }
    return PreferenceBatch.FORM.of(pairs, 0, Cursor.START);
  }

  private static float[] of(ReferenceLogProbs reference, PreferenceBatch batch) {
    return reference.of(batch).toFloatArray();
  }

  private static float[] computed(int seed, PreferenceBatch batch) {
    try (var fresh = new ReferenceLogProbs(decoder(seed))) {
      return of(fresh, batch);
    }
  }

  @Test
  void anotherProcessNeedNotComputeThemAgain() {
    float[] first;
    try (var reference = onDisk(1, "one", 100)) {
      first = of(reference, batch(0));
    }
    assertArrayEquals(computed(1, batch(0)), first);
    // Weights that would say something else show that they are not asked.
    try (var reference = onDisk(2, "one", 100)) {
      assertArrayEquals(first, of(reference, batch(0)));
    }
  }

  @Test
  void whatMemoryHasNoRoomForComesFromDisk() {
    try (var reference = onDisk(1, "one", 1)) {
      float[] first = of(reference, batch(0));
      reference.decoder().parameters().values().forEach(weight -> weight.detach().fill_(0));
      assertArrayEquals(first, of(reference, batch(0)));
    }
  }

  @Test
  void whatOtherWeightsOrOtherTextLeftDoesNotCount() {
    try (var reference = onDisk(1, "one", 100)) {
      of(reference, batch(0));
    }
    try (var reference = onDisk(2, "two", 100)) {
      assertArrayEquals(computed(2, batch(0)), of(reference, batch(0)));
    }
    try (var reference = onDisk(2, "two", 100)) {
      assertArrayEquals(computed(2, batch(1)), of(reference, batch(1)));
    }
  }

  @Test
  void damagedAndHalfWrittenRecordsAreComputedAgain() throws IOException {
    try (var reference = onDisk(1, "one", 100)) {
      of(reference, batch(0));
    }
    byte[] bytes = Files.readAllBytes(file);
    assertEquals(16L * PAIRS, bytes.length);
    bytes[3] ^= 1;
    Arrays.fill(bytes, 32, 48, (byte) 0);
    bytes[79] ^= 64;
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
    try (var reference = onDisk(1, "one", 100)) {
      assertArrayEquals(computed(1, batch(0)), of(reference, batch(0)));
    }
  }

  @Test
  void aPairThatFillsABatchUpDoesNotTakeTheRealOnesPlace() {
    var real = new PreferencePair(row(1, 2, 5, 7), row(1, 2, 9, 11), 4);
    var filling = PreferenceBatch.FORM.ignored(real);
    try (var reference = onDisk(1, "one", 100)) {
      var batch = PreferenceBatch.FORM.of(List.of(filling, filling), 0, Cursor.START);
      assertArrayEquals(new float[4], of(reference, batch));
      var after = PreferenceBatch.FORM.of(List.of(real), 0, Cursor.START);
      float[] sums = of(reference, after);
      assertArrayEquals(computed(1, after), sums);
      assertTrue(sums[0] < -1, Arrays.toString(sums));
    }
  }

  @Test
  void aRunKeepsThemBesideWhatItSaves() {
    var folder = new StageFolder(temporary);
    folder.weights("full_sft", StageFolder.sizes(32));
    var data = folder.data(StageFolder.pair("Choose: a or b", "I take a", "b")).toString();
    var kept = temporary.resolve("reference/dpo_32.pairs");
    assertFalse(Files.exists(kept));
    try (DpoRun run = folder.open(new DpoStage(), Map.of("data_path", data))) {
      run.forward(StageFolder.firstBatch(run));
    }
    assertTrue(Files.exists(kept));
  }
}
