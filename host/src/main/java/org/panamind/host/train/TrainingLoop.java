package org.panamind.host.train;

import java.util.Iterator;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.panamind.dataset.order.Cursor;
import org.panamind.host.ranks.Faults;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.train.Batches;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;

/**
 * Batches to losses to updates. The loss of an update is the mean over all that its micro-batches'
 * weights count (tokens, samples), however they were cut; the last micro-batches of an epoch make
 * an update of their own when they are fewer than asked. With a compat form it is the mean of the
 * micro-batches' means, as MiniMind has it.
 *
 * @param <B> the stage's batch
 */
final class TrainingLoop<B> implements AutoCloseable {
  /** So many updates in a row whose gradient is not finite end the run. */
  static final int MOST_BAD_UPDATES = 3;

  /** Hears what the loop does. */
  interface Listener {
    /** A micro-batch went backward; its figures may be read inside this call only. */
    default void microBatch(StepLoss loss, double learningRate) {}

    /** An update was taken or refused; the batch may have more losses to come. */
    default void update(UpdateReport report) {}

    /** No gradient is collected and no batch is half used: all that the run is can be saved. */
    default void rest() {}
  }

  private final TrainingRun<B> run;
  private final TrainingOptions options;
  private final Device device;
  private final DType precision;
  private final Optimizers optimizers;
  private final Schedule schedule;
  private final long perEpoch;
  private final long totalUpdates;
  private final Listener listener;
  private final LossScale lossScale;
  private final SpikeGuard spikes;
  private final Progression at = new Progression();
  private final Accumulation group;
  private final Ranks ranks;
  private final Faults faults;
  private final Backward backward;

  TrainingLoop(
      TrainingRun<B> run,
      TrainingOptions options,
      Device device,
      DType precision,
      Listener listener) {
    this(run, options, device, precision, new LossScale(precision == DType.FLOAT16), listener);
  }

  /** A loop of a process that trains alone. */
  TrainingLoop(
      TrainingRun<B> run,
      TrainingOptions options,
      Device device,
      DType precision,
      LossScale lossScale,
      Listener listener) {
    this(run, options, device, precision, lossScale, Companions.NONE, listener);
  }

  TrainingLoop(
      TrainingRun<B> run,
      TrainingOptions options,
      Device device,
      DType precision,
      LossScale lossScale,
      Companions companions,
      Listener listener) {
    this.run = run;
    this.options = options;
    this.device = device;
    this.precision = precision;
    this.listener = listener;
    this.ranks = companions.ranks();
    this.faults = companions.faults();
    this.optimizers =
        new Optimizers(
            run.groups(), options.weightDecay(), options.gradClip(), ranks, companions.sharded());
    this.backward = new Backward(optimizers.parameters(), ranks);
    this.lossScale = lossScale;
    this.spikes = new SpikeGuard(options.spikeSigma());
    this.group =
        new Accumulation(
            options.accumulationSteps(), options.compat() != Compat.NONE, ranks.share().world());
    this.perEpoch = run.data().batchesPerEpoch() * run.lossesPerBatch();
    long updates = updatesPerEpoch() * options.epochs();
    this.totalUpdates =
        options.maxSteps() == null ? updates : Math.min(updates, options.maxSteps());
    this.schedule =
        new Schedule(
            options.learningRate(),
            microBatchesOf(options.warmupSteps()),
            microBatchesOf(totalUpdates));
  }

  private long updatesPerEpoch() {
    return Math.ceilDiv(perEpoch, options.accumulationSteps());
  }

  /** An epoch's last update may have fewer than the others. */
  private long microBatchesOf(long updates) {
    long epochs = updates / updatesPerEpoch();
    return epochs * perEpoch + updates % updatesPerEpoch() * options.accumulationSteps();
  }

  Optimizers optimizers() {
    return optimizers;
  }

  LossScale lossScale() {
    return lossScale;
  }

  SpikeGuard spikes() {
    return spikes;
  }

  Progression at() {
    return at;
  }

  Schedule schedule() {
    return schedule;
  }

  long totalUpdates() {
    return totalUpdates;
  }

  /**
   * Trains from where {@link #at} stands until the data or the updates end.
   *
   * @param stop asked where the run rests, never between the micro-batches of one update: what they
   *     have collected so far is in no checkpoint
   */
  void train(BooleanSupplier stop) {
    run.training(true);
    try (Batches<B> batches = run.data().training(at.cursor(), options.epochs())) {
      long epoch = at.cursor().epoch();
      while (at.updates() < totalUpdates && !(group.isEmpty() && ranks.any(stop.getAsBoolean()))) {
        var batch = batches.next();
        if (batch.isEmpty()) break;
        boolean lastOfEpoch = batches.cursor().epoch() != epoch;
        epoch = batches.cursor().epoch();
        trainOn(batch.get(), lastOfEpoch, batches.cursor());
        if (group.isEmpty()) listener.rest();
      }
    }
  }

  private void trainOn(B batch, boolean lastOfEpoch, Cursor next) {
    try (var scope = TensorScope.open()) {
      Iterator<StepLoss> losses = run.losses(batch);
      // Counted, not asked: an iterator that is asked computes the next loss, before its time.
      int count = run.lossesPerBatch();
      for (int i = 1; i <= count && at.updates() < totalUpdates; i++) {
        boolean completes = group.lacksOne() || (i == count && lastOfEpoch);
        trainOn(losses, run.flopsPerToken(batch), completes);
        if (i == count) at.dataAt(next);
        if (completes) update();
      }
    }
  }

  /**
   * One micro-batch: its tensors and graph end with the scope.
   *
   * @param completes whether it is the last of its update, on all ranks alike
   */
  private void trainOn(Iterator<StepLoss> losses, double flopsPerToken, boolean completes) {
    long step = at.updates() + 1;
    if (group.isEmpty()) ranks.step(step);
    try (var scope = TensorScope.open()) {
      StepLoss loss;
      try (var autocast = Autocast.enter(device, precision)) {
        loss = faults.spoil(losses.next(), step);
      }
      at.microBatch();
      double rate = rate();
      double share = group.share(loss, ranks) * lossScale.value();
      if (completes) faults.strikeProcess(step);
      var root = loss.weight() > 0 ? loss.sum().mul(share) : null;
      backward.run(faults.spoilGradient(root, step), completes && !faults.reductionIsOff(step));
      group.add(loss, flopsPerToken);
      listener.microBatch(loss, rate);
    }
  }

  private void update() {
    group.reduce(ranks);
    double rate = rate();
    boolean finite = Double.isFinite(group.meanLoss());
    var done = step(rate, finite);
    boolean gradientFinite = done.verdict() != Verdict.NOT_FINITE;
    boolean scalesFault = finite && group.weight() > 0 && lossScale.update(gradientFinite);
    at.updated(done.verdict(), scalesFault);
    var report = report(done, rate);
    group.clear();
    listener.update(report);
    if (at.badInARow() >= MOST_BAD_UPDATES) throw diverged(rate);
  }

  private double rate() {
    long before = run.startsAtPeak() ? options.accumulationSteps() : 0;
    return schedule.at(Math.max(0, at.microBatches() - before));
  }

  private Optimizers.Update step(double rate, boolean finite) {
    if (group.weight() == 0) return Optimizers.Update.NOTHING;
    if (finite) {
      double scale = group.correction() / lossScale.value();
      return optimizers.step(rate, scale, norm -> spikes.isSpike(group.meanLoss(), norm));
    }
    optimizers.clear();
    return Optimizers.Update.REFUSED;
  }

  private UpdateReport report(Optimizers.Update done, double rate) {
    return new UpdateReport(
        at.updates(),
        at.cursor().epoch(),
        group.meanLoss(),
        done.gradNorm(),
        rate,
        done.verdict(),
        at.skipped(),
        group.tokens(),
        group.supervised(),
        group.weight(),
        group.flops(),
        group.emptyMicroBatches(),
        group.meanMetrics());
  }

  private DivergedException diverged(double rate) {
    return new DivergedException(
        ("the loss or its gradient was not finite in %d updates in a row, the last at step %d"
                + " (learning rate %.3g); the weights are those before them. Lower --learning_rate"
                + " or look at the data of these steps.")
            .formatted(at.badInARow(), at.updates(), rate));
  }

  /**
   * Means over the held-out batches, with gradients and dropout off. The random generators are put
   * back, so that measuring more or less often changes nothing.
   *
   * @return {@code loss} and the stage's metrics, empty when nothing is held out
   */
  Map<String, Double> evaluate() {
    run.training(false);
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var random = RandomState.of(device);
      try (Batches<B> batches = run.data().heldOut()) {
        return means(batches);
      } finally {
        random.restore(device);
      }
    } finally {
      run.training(true);
    }
  }

  private Map<String, Double> means(Batches<B> batches) {
    var sums = new MetricSums();
    for (var batch = batches.next(); batch.isPresent(); batch = batches.next()) {
      try (var scope = TensorScope.open();
          var autocast = Autocast.enter(device, precision)) {
        StepLoss loss = run.forward(batch.get());
        sums.add("loss", new Mean(loss.sum(), loss.weight()));
        sums.add(loss);
      }
    }
    sums.reduce(ranks);
    return sums.means();
  }

  /** Frees what the loop made; parameters stay. */
  @Override
  public void close() {
    try (optimizers) {
      group.clear();
      backward.close();
    }
  }
}
