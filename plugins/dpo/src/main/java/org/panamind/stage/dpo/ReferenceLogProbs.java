package org.panamind.stage.dpo;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.rows.PreferenceBatch;
import org.panamind.model.Decoder;
import org.panamind.stage.math.AnswerLogProbs;
import org.panamind.stage.math.NextToken;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * What the reference says of each pair, computed at first sight and kept: it never changes, so
 * later epochs need no pass. Each pair is computed alone, without the padding of the batch it comes
 * in, so that a resumed run, which meets it in another batch, has the same numbers.
 */
final class ReferenceLogProbs implements AutoCloseable {
  /** About 100 bytes each. What a larger set loses is computed again. */
  private static final long MOST_PAIRS = 2_000_000;

  private final Decoder reference;
  private final Cache<Long, Sums> known =
      Caffeine.newBuilder().maximumSize(MOST_PAIRS).executor(Runnable::run).build();

  /** Summed log-probabilities of a pair's answers. */
  private record Sums(float chosen, float rejected) {}

  /**
   * A cache over a reference.
   *
   * @param reference closed with this
   */
  ReferenceLogProbs(Decoder reference) {
    this.reference = reference;
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
      int pair = i;
      var known = this.known.get(batch.samples()[i], sample -> compute(alone(batch, pair)));
      sums[i] = known.chosen;
      sums[pairs + i] = known.rejected;
    }
    return Tensor.of(sums, sums.length).to(reference.device());
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
    known.invalidateAll();
    reference.close();
  }
}
