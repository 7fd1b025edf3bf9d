package org.panamind.host.eval;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.Decoder;
import org.panamind.stage.Progress;
import org.panamind.stage.math.AnswerLogProbs;
import org.panamind.stage.math.NextToken;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;

/**
 * How well a model predicts the supervised tokens of rows.
 *
 * @param nats their negative log-probability, ends of turn included
 * @param tokens how many these are
 * @param bytes what they are in UTF-8, special tokens left out
 */
record Likelihood(double nats, long tokens, long bytes) {
  /** Of all rows, whatever their batches. */
  static Likelihood of(
      Decoder decoder, Tokenizer tokenizer, Samples<Row> rows, int batchSize, Progress progress) {
    double nats = 0;
    long tokens = 0;
    long bytes = 0;
    for (long from = 0; from < rows.size(); from += batchSize) {
      List<Row> some = some(rows, from, batchSize);
      Sums sums = sums(decoder, some, tokenizer);
      for (double sum : sums.logProbs) nats -= sum;
      for (long count : sums.counts) tokens += count;
      for (Row row : some) bytes += bytes(row, tokenizer);
      progress.update(Math.min(rows.size(), from + batchSize), "");
    }
    return new Likelihood(nats, tokens, bytes);
  }

  private static <T> List<T> some(Samples<T> samples, long from, int count) {
    List<T> some = new ArrayList<>();
    for (long i = from; i < Math.min(samples.size(), from + count); i++) some.add(samples.get(i));
    return some;
  }

  /** Log-probabilities of each row's supervised tokens in nats, and how many these are. */
  record Sums(double[] logProbs, long[] counts) {}

  static Sums sums(Decoder decoder, List<Row> rows, Tokenizer tokenizer) {
    Batch batch = Batch.of(rows, padding(tokenizer), Cursor.START);
    double[] sums = new double[rows.size()];
    if (batch.supervisedTokens() == 0) return new Sums(sums, new long[rows.size()]);
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var pass = NextToken.pass(decoder, batch);
      var found = AnswerLogProbs.of(decoder, pass.hidden(), batch);
      float[] values = found.sums().toFloatArray();
      for (int i = 0; i < sums.length; i++) sums[i] = values[i];
      return new Sums(sums, found.counts());
    }
  }

  /** Padding is never looked at, so any token does. */
  static int padding(Tokenizer tokenizer) {
    return tokenizer.specialTokens().pad().map(pad -> pad.id()).orElse(0);
  }

  private static long bytes(Row row, Tokenizer tokenizer) {
    int[] learned = new int[row.length()];
    int count = 0;
    for (int t = 1; t < row.length(); t++) { // nothing predicts the first
      if (row.labels()[t] != Row.IGNORED) learned[count++] = row.ids()[t];
    }
    int[] ids = Arrays.copyOf(learned, count);
    return tokenizer.decode(ids, true).getBytes(StandardCharsets.UTF_8).length;
  }

  /** Nats a token. */
  double loss() {
    return nats / tokens;
  }

  double perplexity() {
    return Math.exp(loss());
  }

  /** Comparable between tokenizers, as perplexity is not. */
  double bitsPerByte() {
    return nats / Math.log(2) / bytes;
  }
}
