package org.panamind.stage.dpo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.rows.PreferenceBatch;
import org.panamind.model.Decoder;
import org.panamind.stage.dpo.KnownPairs.Sums;
import org.panamind.stage.math.AnswerLogProbs;
import org.panamind.stage.math.NextToken;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * What the reference says of each pair, computed at first sight and kept: it never changes, so
 * later epochs need no pass. Each pair is computed alone, without the padding of the batch it comes
 * in, so that a resumed run, which meets it in another batch, has the same numbers.
 *
 * <p>The newest are in memory and all on disk, so that neither a large set nor a resumed run has
 * them computed again.
 */
final class ReferenceLogProbs implements AutoCloseable {
  /** About 100 bytes each. */
  private static final long MOST_IN_MEMORY = 100_000;

  private static final Sums NOTHING = new Sums(0, 0);

  private final Decoder reference;
  private final KnownPairs disk;
  private final Cache<Long, Sums> memory;

  /**
   * Keeps all in memory, for a few batches.
   *
   * @param reference closed with this
   */
  ReferenceLogProbs(Decoder reference) {
    this(reference, null, MOST_IN_MEMORY);
  }

  /**
   * Keeps the newest in memory and all on disk.
   *
   * @param reference closed with this
   * @param disk closed with this
   */
  ReferenceLogProbs(Decoder reference, KnownPairs disk) {
    this(reference, disk, MOST_IN_MEMORY);
  }

  ReferenceLogProbs(Decoder reference, KnownPairs disk, long mostInMemory) {
    this.reference = reference;
    this.disk = disk;
    this.memory = Caffeine.newBuilder().maximumSize(mostInMemory).executor(Runnable::run).build();
  }

  /** The reference's sizes. */
  Decoder decoder() {
    return reference;
  }

  /**
   * Summed log-probability of each answer.
   *
   * @return [2B] float32 nats on the reference's device, the chosen answers' first
   */
  Tensor of(PreferenceBatch batch) {
    int pairs = batch.pairs();
    var sums = new float[2 * pairs];
    for (int i = 0; i < pairs; i++) {
      var known = known(batch.samples()[i], alone(batch, i));
      sums[i] = known.chosen();
      sums[pairs + i] = known.rejected();
    }
    return Tensor.of(sums, sums.length).to(reference.device());
  }

  /** Of a pair that only fills a batch up nothing is kept: its number is that of a real one. */
  private Sums known(long number, Batch pair) {
    if (pair.supervisedTokens() == 0) return NOTHING;
    return memory.get(number, n -> disk == null ? compute(pair) : onDisk(n, pair));
  }

  private Sums onDisk(long number, Batch pair) {
    var found = disk.find(number, pair);
    if (found.isPresent()) return found.get();
    var sums = compute(pair);
    disk.put(number, pair, sums);
    return sums;
  }

  private Sums compute(Batch pair) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var hidden = NextToken.pass(reference, pair).hidden(); // [2, T, C]
      var sums = AnswerLogProbs.of(reference, hidden, pair).sums().toFloatArray();
      return new Sums(sums[0], sums[1]);
    }
  }

  /** One pair's two rows, no longer than the longer of them. */
  private static Batch alone(PreferenceBatch batch, int pair) {
    var rows = batch.rows();
    int[] from = {pair, batch.pairs() + pair};
    int length = Math.max(rows.lengths()[from[0]], rows.lengths()[from[1]]);
    var ids = new long[2 * length];
    var labels = new long[2 * length];
    long supervised = 0;
    for (int row = 0; row < 2; row++) {
      System.arraycopy(rows.ids(), from[row] * rows.length(), ids, row * length, length);
      System.arraycopy(rows.labels(), from[row] * rows.length(), labels, row * length, length);
      supervised +=
          Arrays.stream(labels, row * length + 1, (row + 1) * length).filter(l -> l >= 0).count();
    }
    int[] lengths = {rows.lengths()[from[0]], rows.lengths()[from[1]]};
    return new Batch(ids, labels, 2, length, lengths, new int[2][1], supervised, rows.next());
  }

  @Override
  public void close() {
    memory.invalidateAll();
    if (disk != null) disk.close();
    reference.close();
  }
}
