package org.panamind.dataset.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.DataException;
import org.panamind.dataset.batch.BatchLoader.Prefetch;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.order.SampleOrder;

class BatchLoaderTest {
  /** Change it to try others: mvn -pl dataset test -Dpanamind.seed=7. */
  private static final long SEED = Long.getLong("panamind.seed", 42);

  private static final Prefetch ONE_BY_ONE = new Prefetch(1, 1);

  private static RowSource<Row> source(long size, long seed) {
    return RowSource.inOrder(Numbered.rows(size), SampleOrder.shuffled(size, seed));
  }

  /** The samples that count in a batch, in their order. */
  private static List<Long> samples(Batch batch) {
    List<Long> samples = new ArrayList<>();
    for (int b = 0; b < batch.rows(); b++) {
      if (batch.labels()[b * batch.length()] != Row.IGNORED) {
        samples.add(batch.ids()[b * batch.length()]);
      }
    }
    return samples;
  }

  private static List<Batch> drain(BatchLoader<Batch> loader) {
    List<Batch> batches = new ArrayList<>();
    for (Optional<Batch> next = loader.next(); next.isPresent(); next = loader.next()) {
      batches.add(next.get());
    }
    return batches;
  }

  /** What all ranks together see of up to {@code steps} batches, and where they stop. */
  private static Cursor run(
      RowSource<Row> rows,
      int world,
      int batch,
      Cursor start,
      long epochs,
      long steps,
      List<Long> seen) {
    List<BatchLoader<Batch>> ranks = new ArrayList<>();
    for (int rank = 0; rank < world; rank++) {
      BatchPlan plan = new BatchPlan(batch, new RankShare(rank, world), 0);
      ranks.add(BatchLoader.of(rows, plan, start, epochs, ONE_BY_ONE));
    }
    try {
      for (long step = 0; step < steps; step++) {
        List<Optional<Batch>> batches = ranks.stream().map(BatchLoader::next).toList();
        long present = batches.stream().filter(Optional::isPresent).count();
        assertTrue(present == 0 || present == world, "ranks end at different steps");
        batches.forEach(made -> made.ifPresent(some -> seen.addAll(samples(some))));
      }
      assertEquals(1, ranks.stream().map(BatchLoader::cursor).distinct().count());
      return ranks.getFirst().cursor();
    } finally {
      ranks.forEach(BatchLoader::close);
    }
  }

  @Test
  void goesOnExactlyWhereItStoppedWithAnyOtherWorldAndBatch() {
    Random random = new Random(SEED);
    for (int draw = 0; draw < 1000; draw++) {
      RowSource<Row> rows = source(1 + random.nextInt(60), draw);
      long epochs = 1 + random.nextInt(3);
      List<Long> expected = new ArrayList<>();
      run(rows, 1, 1, Cursor.START, epochs, 200, expected);
      List<Long> seen = new ArrayList<>();
      Cursor stopped =
          run(
              rows,
              1 + random.nextInt(5),
              1 + random.nextInt(7),
              Cursor.START,
              epochs,
              random.nextInt(20),
              seen);
      run(rows, 1 + random.nextInt(5), 1 + random.nextInt(7), stopped, epochs, 200, seen);
      assertEquals(expected, seen, "draw " + draw + " of seed " + SEED);
      assertEquals(rows.rowsPerEpoch() * epochs, seen.size());
    }
  }

  @Test
  void givesTheSameBatchesWithAnyNumberOfWorkers() {
    RowSource<Row> rows = source(500, 3);
    BatchPlan plan = new BatchPlan(7, RankShare.ALONE, 0);
    RowSource<Row> uneven =
        new RowSource<Row>() {
          @Override
          public long rowsPerEpoch() {
            return rows.rowsPerEpoch();
          }

          @Override
          public Row row(long epoch, long position) {
            // Some batches take long, so that threads finish out of order.
            if (position % 70 == 0) {
              sleep(2);
            }
            return rows.row(epoch, position);
          }
        };
    List<List<Long>> expected = null;
    for (int workers : new int[] {1, 2, 4}) {
      try (BatchLoader<Batch> loader =
          BatchLoader.of(uneven, plan, Cursor.START, 2, new Prefetch(workers, 6))) {
        List<List<Long>> batches = drain(loader).stream().map(BatchLoaderTest::samples).toList();
        assertEquals(2 * plan.batchesPerEpoch(rows), batches.size());
        assertTrue(expected == null || expected.equals(batches), workers + " workers");
        expected = batches;
      }
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException("loader threads are never interrupted", e);
    }
  }

  @Test
  void countsWhatWasHandedOutAndNotWhatWasMadeAhead() {
    try (BatchLoader<Batch> loader =
        BatchLoader.of(
            source(100, 1),
            new BatchPlan(4, new RankShare(0, 2), 0),
            Cursor.START,
            1,
            new Prefetch(2, 8))) {
      assertEquals(Cursor.START, loader.cursor());
      loader.next();
      sleep(20);
      assertEquals(new Cursor(0, 8), loader.cursor());
      drain(loader);
      assertEquals(new Cursor(1, 0), loader.cursor());
    }
  }

  @Test
  void neverRunsFurtherAheadThanAllowed() {
    AtomicInteger made = new AtomicInteger();
    RowSource<Row> counting =
        RowSource.inOrder(
            Numbered.rows(1000)
                .map(
                    row -> {
                      made.incrementAndGet();
                      return row;
                    }),
            SampleOrder.asNumbered(1000));
    BatchPlan plan = new BatchPlan(1, RankShare.ALONE, 0);
    try (BatchLoader<Batch> loader =
        BatchLoader.of(counting, plan, Cursor.START, 1, new Prefetch(3, 5))) {
      for (int given = 1; given <= 50; given++) {
        loader.next();
        assertTrue(made.get() <= given + 5, made + " made, " + given + " given");
      }
      sleep(30);
      assertEquals(55, made.get());
    }
  }

  @Test
  void dividesTheLastBatchAndFillsRanksThatGetNothingWithARowThatCountsNothing() {
    RowSource<Row> rows = RowSource.inOrder(Numbered.rows(9), SampleOrder.asNumbered(9));
    List<Batch> last = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      BatchPlan plan = new BatchPlan(2, new RankShare(rank, 4), 0);
      try (BatchLoader<Batch> loader = BatchLoader.of(rows, plan, Cursor.START, 1, ONE_BY_ONE)) {
        last.add(drain(loader).getLast());
      }
    }
    assertEquals(List.of(), samples(last.get(0)));
    assertEquals(0, last.get(0).supervisedTokens());
    assertEquals(List.of(8L), samples(last.get(3)));
    assertEquals(1, last.get(0).rows());
  }

  @Test
  void throwsAtTheBatchThatFailedAndNotBefore() {
    DataException broken = new DataException("my.jsonl:7: is not JSON");
    RowSource<Row> failing =
        RowSource.inOrder(
            Numbered.rows(40)
                .map(
                    row -> {
                      if (row.ids()[0] == 20) {
                        throw broken;
                      }
                      return row;
                    }),
            SampleOrder.asNumbered(40));
    BatchPlan plan = new BatchPlan(4, RankShare.ALONE, 0);
    for (int workers : new int[] {1, 4}) {
      try (BatchLoader<Batch> loader =
          BatchLoader.of(failing, plan, Cursor.START, 1, new Prefetch(workers, 9))) {
        for (int batch = 0; batch < 5; batch++) {
          assertEquals(4L * batch, samples(loader.next().orElseThrow()).getFirst());
        }
        assertSame(broken, assertThrows(DataException.class, loader::next));
        assertSame(broken, assertThrows(DataException.class, loader::next));
        assertEquals(new Cursor(0, 20), loader.cursor());
      }
    }
  }

  @Test
  void endsItsThreadsWhenClosed() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    RowSource<Row> slow =
        RowSource.inOrder(
            Numbered.rows(1000)
                .map(
                    row -> {
                      begun.countDown();
                      sleep(1);
                      return row;
                    }),
            SampleOrder.asNumbered(1000));
    BatchPlan plan = new BatchPlan(2, RankShare.ALONE, 0);
    BatchLoader<Batch> loader = BatchLoader.of(slow, plan, Cursor.START, 1, new Prefetch(4, 4));
    begun.await();
    assertTimeoutPreemptively(Duration.ofSeconds(10), loader::close);
    assertEquals(
        0,
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("batch-loader-"))
            .count());
    assertThrows(IllegalStateException.class, loader::next);
    loader.close();
  }

  @Test
  void refusesACursorThatLiesBeyondTheData() {
    BatchPlan plan = new BatchPlan(2, RankShare.ALONE, 0);
    RowSource<Row> rows = source(10, 1);
    DataException error =
        assertThrows(
            DataException.class,
            () -> BatchLoader.of(rows, plan, new Cursor(0, 11), 1, ONE_BY_ONE));
    assertTrue(error.getMessage().contains("has only 10 rows"), error.getMessage());
    try (BatchLoader<Batch> ended = BatchLoader.of(rows, plan, new Cursor(0, 10), 1, ONE_BY_ONE)) {
      assertTrue(ended.next().isEmpty());
      assertEquals(new Cursor(1, 0), ended.cursor());
    }
    assertThrows(IllegalArgumentException.class, () -> new Cursor(0, -1));
    assertThrows(IllegalArgumentException.class, () -> new Prefetch(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new BatchPlan(0, RankShare.ALONE, 0));
  }

  @Test
  void findsItsPlaceInALargeSetAtOnce() {
    RowSource<Row> rows = source(2_000_000_000L, 9);
    BatchPlan plan = new BatchPlan(4, RankShare.ALONE, 0);
    Cursor far = new Cursor(3, 1_999_999_990L);
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          try (BatchLoader<Batch> loader = BatchLoader.of(rows, plan, far, 4, Prefetch.DEFAULT)) {
            assertEquals(10, drain(loader).stream().mapToInt(Batch::rows).sum());
          }
        });
  }
}
