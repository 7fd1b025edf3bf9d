package org.panamind.host.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.panamind.stage.Console;
import org.panamind.stage.Progress;
import org.panamind.stage.StageException;
import org.panamind.stage.train.TrainingOptions;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Memory;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;

/** One run around its loop: progress, log rows, measurements, checkpoints, the last lines. */
final class Session<B> implements TrainingLoop.Listener, AutoCloseable {
  private static final int DATA_ERROR = 65;

  private final String stage;
  private final TrainingRun<B> run;
  private final TrainingOptions options;
  private final Map<String, Object> config;
  private final Console console;
  private final Device device;
  private final DType precision;
  private final CheckpointStore store;
  private final Outputs outputs;
  private final TrainingLoop<B> loop;
  private final Throughput throughput = new Throughput();
  private MetricsLog log;
  private Progress progress;
  private double bestEval = Double.NaN;
  private long savedAt = -1;

  Session(
      String stage,
      TrainingRun<B> run,
      TrainingOptions options,
      Map<String, Object> config,
      Console console,
      Device device,
      DType precision,
      CheckpointStore store,
      Outputs outputs) {
    this.stage = stage;
    this.run = run;
    this.options = options;
    this.config = config;
    this.console = console;
    this.device = device;
    this.precision = precision;
    this.store = store;
    this.outputs = outputs;
    this.loop = new TrainingLoop<>(run, options, device, precision, this);
  }

  /** Goes on from the newest whole checkpoint. */
  void resume() {
    Path newest =
        store
            .newest(console::warn)
            .orElseThrow(
                () ->
                    new StageException(
                        DATA_ERROR,
                        "there is no whole checkpoint in "
                            + store.folder()
                            + "; start without --from_resume"));
    Checkpoint saved = RunState.readProgress(newest);
    RunState.requireSameConfig(newest, saved.config(), config);
    RunState.restore(newest, saved, loop, run, device);
    bestEval = saved.bestEval();
    savedAt = saved.step();
    outputs.claimed();
    console.info(
        "goes on from " + newest + ", step " + saved.step() + " of " + loop.totalUpdates());
  }

  /** Trains until the data or the updates end, or {@code stop} says so. */
  void train(BooleanSupplier stop) {
    outputs.requireWritable();
    outputs.claim();
    log = new MetricsLog(outputs.metrics(), loop.at().updates());
    progress = console.progress(stage, loop.totalUpdates(), "step");
    progress.update(loop.at().updates(), "");
    Memory.resetPeak(device);
    throughput.start();
    loop.train(stop);
    progress.close();
    progress = null;
  }

  @Override
  public void update(UpdateReport report) {
    throughput.add(report);
    progress.update(report.step(), detail(report));
    if (!report.applied()) {
      console.warn("step " + report.step() + ": the gradient is not finite; the update is skipped");
    }
    if (report.step() % options.logInterval() == 0 || report.step() == loop.totalUpdates())
      logRow(report);
    boolean last = report.step() == loop.totalUpdates();
    if (!last && options.evalInterval() != null && report.step() % options.evalInterval() == 0)
      evaluate();
    if (!last && report.step() % options.saveInterval() == 0) save();
  }

  private String detail(UpdateReport report) {
    return String.format(
        Locale.ROOT, "loss %.4f, %,.0f tokens/s", report.loss(), throughput.tokensPerSecond());
  }

  private void logRow(UpdateReport report) {
    var row = new LinkedHashMap<String, Object>();
    row.put("step", report.step());
    row.put("epoch", report.epoch());
    row.put("loss", report.loss());
    row.put("learning_rate", report.learningRate());
    row.put("grad_norm", report.gradNorm());
    report.metrics().forEach(row::put);
    row.put("supervised_share", report.tokens() == 0 ? 0 : report.weight() / report.tokens());
    row.put("empty_micro_batches", report.emptyMicroBatches());
    row.put("skipped_updates", report.skipped());
    row.put("tokens_per_second", throughput.tokensPerSecond());
    row.put("eta_seconds", throughput.secondsLeft(loop.totalUpdates() - report.step()));
    log.row(row);
  }

  private Map<String, Double> evaluate() {
    throughput.pause();
    Map<String, Double> means = loop.evaluate();
    if (!means.isEmpty()) {
      var row = new LinkedHashMap<String, Object>();
      row.put("step", loop.at().updates());
      means.forEach((name, mean) -> row.put("eval_" + name, mean));
      log.row(row);
      double loss = means.get("loss");
      if (!(bestEval <= loss)) bestEval = loss;
    }
    throughput.start();
    return means;
  }

  private void save() {
    throughput.pause();
    var at = loop.at();
    var progressNow =
        new Checkpoint(
            at.updates(),
            at.microBatches(),
            loop.optimizers().stepCount(),
            at.cursor(),
            options.epochs(),
            loop.schedule().total(),
            loop.lossScale().value(),
            loop.lossScale().good(),
            at.badInARow(),
            at.skipped(),
            bestEval,
            stage,
            config,
            run.state());
    store.save(at.updates(), folder -> RunState.write(folder, loop, device, progressNow));
    run.writeWeights(outputs.weights());
    savedAt = at.updates();
    throughput.start();
  }

  /** Measures, saves, and tells how it went; after a signal it only saves. */
  void finish(boolean stopped) {
    throughput.pause();
    if (stopped) {
      if (savedAt != loop.at().updates()) save();
      console.info(
          "stopped by a signal at step %d of %d; the checkpoint is in %s, go on with --from_resume 1"
              .formatted(loop.at().updates(), loop.totalUpdates(), store.folder()));
      return;
    }
    Map<String, Double> means = evaluate();
    throughput.pause();
    if (savedAt != loop.at().updates()) save();
    throughput.pause();
    means.forEach(
        (name, mean) -> console.info(String.format(Locale.ROOT, "held-out %s %.4f", name, mean)));
    console.info("wrote " + outputs.weights());
    run.training(false);
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      run.show(console);
    }
    console.info(throughput.summary(device, precision));
  }

  @Override
  public void close() {
    if (progress != null) progress.close();
    if (log != null) log.close();
    loop.optimizers().close();
  }
}
