package org.panamind.stage.spo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.panamind.dataset.Samples;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.stage.train.Batches;
import org.panamind.stage.train.TrainingData;

/**
 * Prompts, drawn the more often the less certain their reward is: with the weight {@code sqrt(v (1
 * - v)) + 0.05} of their value v (arXiv:2509.13232, section 3.4). Within a batch none comes twice.
 * An epoch is as many prompts as there are.
 *
 * @param prompts to draw from, each numbered by its place
 * @param measured what is held out
 * @param tracker of the values, as it is when a batch is asked for
 * @param batchSize of one rank
 * @param share this rank's part of each batch
 * @param padId fills rows up
 * @param seed of the draws
 */
record WeightedPrompts(
    Samples<Prompt> prompts,
    TrainingData<PromptBatch> measured,
    ValueTracker tracker,
    int batchSize,
    RankShare share,
    int padId,
    long seed)
    implements TrainingData<PromptBatch> {
  private static final double FLOOR = 0.05;

  private record Draw(long sample, double key) {}

  @Override
  public long batchesPerEpoch() {
    return Math.ceilDiv(prompts.size(), size());
  }

  private long size() {
    return Math.min((long) batchSize * share.world(), prompts.size());
  }

  @Override
  public Batches<PromptBatch> training(Cursor from, long epochs) {
    return new Drawn(from, epochs);
  }

  @Override
  public Batches<PromptBatch> heldOut() {
    return measured.heldOut();
  }

  /** Of all ranks together, without replacement (Efraimidis and Spirakis 2006). */
  List<Long> draw(Cursor at) {
    // In two steps, since generators whose seeds are near draw the same numbers, shifted.
    long place = new SplittableRandom(seed ^ at.position()).nextLong();
    var random = new SplittableRandom(place ^ at.epoch());
    var best = new PriorityQueue<>(Comparator.comparingDouble(Draw::key));
    for (long sample = 0; sample < prompts.size(); sample++) {
      // log(u) / w orders as u^(1/w) does.
      double key = Math.log(1 - random.nextDouble()) / weight(tracker.value(sample));
      best.add(new Draw(sample, key));
      if (best.size() > size()) best.poll();
    }
    return best.stream().map(Draw::sample).sorted().toList();
  }

  static double weight(double value) {
    return Math.sqrt(Math.max(0, value * (1 - value))) + FLOOR;
  }

  private final class Drawn implements Batches<PromptBatch> {
    private final long epochs;
    private Cursor at;

    Drawn(Cursor from, long epochs) {
      this.at = from;
      this.epochs = epochs;
    }

    @Override
    public Optional<PromptBatch> next() {
      if (at.epoch() >= epochs) return Optional.empty();
      var all = draw(at);
      long end = at.position() + size();
      at = end < prompts.size() ? new Cursor(at.epoch(), end) : new Cursor(at.epoch() + 1, 0);
      var span = share.of(0, all.size());
      var own = new ArrayList<Prompt>();
      for (long i = span.from(); i < span.to(); i++) own.add(prompts.get(all.get((int) i)));
      if (own.isEmpty()) own.add(PromptBatch.FORM.ignored(prompts.get(all.getFirst())));
      return Optional.of(PromptBatch.FORM.of(own, padId, at));
    }

    @Override
    public Cursor cursor() {
      return at;
    }

    @Override
    public void close() {}
  }
}
