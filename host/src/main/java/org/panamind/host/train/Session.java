package org.panamind.host.train;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.panamind.stage.Console;
import org.panamind.stage.Progress;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.DType;
import org.panamind.torch.Memory;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run around its loop: progress, log rows, measurements, checkpoints, the last lines. */
final class Session<B> implements TrainingLoop.Listener, AutoCloseable {
  /** Every update, under {@code --debug}. */
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final RunSetup setup;
  private final TrainingOptions options;
  private final Console console;
  private final TrainingRun<B> run;
  private final Outputs outputs;
  private final TrainingLoop<B> loop;
  private final Saving<B> saving;
  private final Throughput throughput = new Throughput();
  private MetricsLog log;
  private Progress progress;
  private long begunAt;
  private boolean evaluationDue;
  private boolean saveDue;

  Session(TrainingRun<B> run, RunSetup setup) {
    this.setup = setup;
    this.options = setup.options();
    this.console = setup.console();
    this.run = run;
    var store =
        new CheckpointStore(
            options.checkpointDir().resolve(run.outputName()), options.keepCheckpoints());
    this.outputs = new Outputs(options.saveDir(), run.outputName(), store.folder(), console);
    this.loop =
        new TrainingLoop<>(
            run,
            options,
            setup.device(),
            setup.precision(),
            new LossScale(setup.precision() == DType.FLOAT16),
            setup.companions(),
            this);
    this.saving = new Saving<>(setup, run, loop, outputs, store);
  }

  /** Goes on from the newest whole checkpoint, if that was asked for; makes all ranks alike. */
  void begin() {
    saving
        .resume()
        .ifPresent(
            newest ->
                console.info(
                    "goes on from %s, step %d of %d"
                        .formatted(newest, loop.at().updates(), loop.totalUpdates())));
    var weights = loop.optimizers().weights();
    setup.ranks().broadcast(loop.optimizers().parameters(), 0);
    setup.ranks().requireEqual("parameters", weights);
  }

  /** The step that is being computed. */
  long step() {
    return loop.at().updates() + 1;
  }

  /** Trains until the data or the updates end, or {@code stop} says so. */
  void train(BooleanSupplier stop) {
    if (setup.ranks().isFirst()) outputs.requireWritable();
    begunAt = loop.at().updates();
    progress = console.progress(setup.stage(), loop.totalUpdates(), "step");
    progress.update(loop.at().updates(), "");
    Memory.resetPeak(setup.device());
    throughput.start();
    loop.train(stop);
    throughput.pause();
    progress.close();
    progress = null;
  }

  @Override
  public void update(UpdateReport report) {
    throughput.add(report);
    progress.update(report.step(), detail(report));
    if (!report.applied()) console.warn(refusal(report));
    boolean last = report.step() == loop.totalUpdates();
    var row = row(report);
    LOG.debug("{}", row);
    if (last || report.step() % options.logInterval() == 0) logRow(row);
    saveDue |= !last && report.step() % options.saveInterval() == 0;
    evaluationDue |=
        !last && options.evalInterval() != null && report.step() % options.evalInterval() == 0;
  }

  /** Here and not at the update, which may stand in the midst of a batch. */
  @Override
  public void rest() {
    if (!evaluationDue && !saveDue) return;
    throughput.pause();
    if (evaluationDue) evaluate();
    if (saveDue) saving.save();
    evaluationDue = saveDue = false;
    throughput.start();
  }

  private String detail(UpdateReport report) {
    return String.format(
        Locale.ROOT, "loss %.4f, %,.0f tokens/s", report.loss(), throughput.tokensPerSecond());
  }

  private String refusal(UpdateReport report) {
    if (report.verdict() == Verdict.SPIKE) {
      return "step %d: the loss (%.4g) or the gradient's norm (%.4g) is more than %s standard deviations above the last %d; the update is skipped"
          .formatted(
              report.step(),
              report.loss(),
              report.gradNorm(),
              options.spikeSigma(),
              SpikeGuard.WINDOW);
    }
    var scale = loop.lossScale();
    return "step %d: the %s is not finite; the update is skipped%s"
        .formatted(
            report.step(),
            Double.isFinite(report.loss()) ? "gradient" : "loss",
            scale.active() ? " (loss scale now " + scale.value() + ")" : "");
  }

  private void logRow(Map<String, Object> row) {
    if (setup.ranks().isFirst()) log().row(row);
  }

  private Map<String, Object> row(UpdateReport report) {
    var row = new LinkedHashMap<String, Object>();
    row.put("step", report.step());
    row.put("epoch", report.epoch());
    row.put("loss", report.loss());
    row.put("learning_rate", report.learningRate());
    row.put("grad_norm", report.gradNorm());
    report.metrics().forEach(row::put);
    row.put("supervised_share", (double) report.supervised() / Math.max(1, report.tokens()));
    row.put("empty_micro_batches", report.emptyMicroBatches());
    row.put("skipped_updates", report.skipped());
    row.put("tokens_per_second", throughput.tokensPerSecond());
    row.put("eta_seconds", throughput.secondsLeft(loop.totalUpdates() - report.step()));
    return row;
  }

  /** The log, opened with the first row. */
  private MetricsLog log() {
    if (log == null) {
      outputs.claimMetrics();
      boolean ended = begunAt == loop.totalUpdates();
      log = new MetricsLog(outputs.metrics(), begunAt, ended, console::warn);
    }
    return log;
  }

  private Map<String, Double> evaluate() {
    Map<String, Double> means = loop.evaluate();
    if (setup.ranks().isFirst() && !means.isEmpty()) {
      var row = new LinkedHashMap<String, Object>();
      row.put("step", loop.at().updates());
      means.forEach((name, mean) -> row.put("eval_" + name, mean));
      log().row(row);
    }
    return means;
  }

  /** Saves, measures, and tells how it went; after a signal it only saves. */
  void finish(boolean stopped) {
    saving.saveLast();
    if (stopped) {
      console.info(
          "stopped by a signal at step %d of %d; the checkpoint is in %s, go on with --from_resume 1"
              .formatted(loop.at().updates(), loop.totalUpdates(), saving.folder()));
      return;
    }
    evaluate()
        .forEach(
            (name, mean) ->
                console.info(String.format(Locale.ROOT, "held-out %s %.4f", name, mean)));
    console.info("wrote " + outputs.weights());
    if (!setup.ranks().isFirst()) return;
    run.training(false);
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      run.show(console);
    }
    console.info(throughput.summary(setup));
  }

  @Override
  public void close() {
    try (loop;
        var rows = log;
        var bar = progress) {
      log = null;
      progress = null;
    }
  }
}
