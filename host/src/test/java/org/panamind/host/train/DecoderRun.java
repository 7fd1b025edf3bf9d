package org.panamind.host.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.order.Cursor;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.stage.train.Batches;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingData;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Tensor;

/** A very small decoder over batches given outright; a test may change each loss. */
final class DecoderRun implements TrainingRun<Batch> {
  static final int VOCAB = 48;

  private final Decoder decoder;
  private final List<Batch> batches;
  private UnaryOperator<StepLoss> change = UnaryOperator.identity();
  private Map<String, String> state = Map.of();

  /** The same weights for every run. */
  DecoderRun(double dropout, List<Batch> batches) {
    Generators.seed(7);
    var config = ModelConfig.minimind2(VOCAB, 16, 2, 2, 1, 0, 64, 1e6, null, dropout);
    this.decoder = Decoder.random(config, Device.CPU);
    this.batches = batches;
  }

  /** Rows of 3 to 12 random tokens in batches of {@code size}. */
  static List<Batch> ragged(int rows, int size) {
    var random = new Random(3);
    var all = new Row[rows];
    for (int i = 0; i < rows; i++) {
      int[] ids = random.ints(3 + random.nextInt(10), 0, VOCAB).toArray();
      all[i] = Row.of(ids, ids);
    }
    int count = Math.ceilDiv(rows, size);
    var batches = new Batch[count];
    for (int b = 0; b < count; b++) {
      var part = Arrays.asList(all).subList(b * size, Math.min(rows, (b + 1) * size));
      batches[b] = Batch.of(part, 0, Cursor.START);
    }
    return List.of(batches);
  }

  /** A batch with nothing to learn from. */
  static Batch unsupervised() {
    int[] ids = {1, 2, 3};
    int[] labels = {Row.IGNORED, Row.IGNORED, Row.IGNORED};
    return Batch.of(List.of(Row.of(ids, labels)), 0, Cursor.START);
  }

  /** Changes every loss from now on. */
  void change(UnaryOperator<StepLoss> with) {
    change = with;
  }

  @Override
  public Map<String, String> state() {
    return state;
  }

  @Override
  public void restore(Map<String, String> saved) {
    state = saved;
  }

  /** One weight matrix, to make faults from. */
  Tensor embedding() {
    return decoder.parameters().values().iterator().next();
  }

  /** All weights as numbers. */
  double[] weights() {
    return decoder.parameters().values().stream()
        .flatMapToDouble(tensor -> Arrays.stream(tensor.toDoubleArray()))
        .toArray();
  }

  @Override
  public List<ParameterGroup> groups() {
    return List.of(new ParameterGroup("model", decoder.parameters(), 1));
  }

  @Override
  public StepLoss forward(Batch batch) {
    var ids = Tensor.of(batch.ids(), batch.rows(), batch.length());
    var labels = Tensor.of(batch.labels(), batch.rows(), batch.length());
    var sum = decoder.lossSum(decoder.hidden(ids), labels, null);
    return change.apply(StepLoss.of(sum, batch.supervisedTokens(), batch.tokens()));
  }

  @Override
  public void training(boolean on) {
    decoder.training(on);
  }

  @Override
  public String outputName() {
    return "decoder";
  }

  @Override
  public void writeWeights(Path safetensors) {
    DecoderFiles.writeSafetensors(safetensors, decoder, Map.of());
  }

  @Override
  public void close() {
    decoder.close();
  }

  @Override
  public TrainingData<Batch> data() {
    return new TrainingData<>() {
      @Override
      public long batchesPerEpoch() {
        return batches.size();
      }

      @Override
      public Batches<Batch> training(Cursor from, long epochs) {
        return new InOrder(from, epochs);
      }

      @Override
      public Batches<Batch> heldOut() {
        return new InOrder(Cursor.START, 1);
      }
    };
  }

  private final class InOrder implements Batches<Batch> {
    private final long epochs;
    private Cursor cursor;

    InOrder(Cursor from, long epochs) {
      this.cursor = from;
      this.epochs = epochs;
    }

    @Override
    public Optional<Batch> next() {
      if (cursor.epoch() == epochs) return Optional.empty();
      var batch = batches.get((int) cursor.position());
      long next = cursor.position() + 1;
      cursor =
          next < batches.size()
              ? new Cursor(cursor.epoch(), next)
              : new Cursor(cursor.epoch() + 1, 0);
      return Optional.of(batch);
    }

    @Override
    public Cursor cursor() {
      return cursor;
    }

    @Override
    public void close() {}
  }
}
