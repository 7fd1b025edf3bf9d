package org.panamind.stage.math;

import java.util.LinkedHashMap;
import org.panamind.dataset.batch.Batch;
import org.panamind.model.Activations;
import org.panamind.model.Decoder;
import org.panamind.stage.train.BatchTensors;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.StepLoss;

/** Next-token cross-entropy, summed over the supervised tokens of a batch. */
public final class NextToken {
  /** The metric that holds a mixture's balance loss. */
  public static final String AUX_LOSS = "aux_loss";

  private NextToken() {}

  /** Runs the decoder over a batch; padding and other documents are not seen. */
  public static Activations pass(Decoder decoder, Batch batch) {
    var device = decoder.device();
    return decoder.forward(
        BatchTensors.ids(batch, device), BatchTensors.firstKeys(batch, device), null);
  }

  /** The loss of a batch, each supervised token counting once. */
  public static StepLoss loss(Decoder decoder, Batch batch) {
    var done = pass(decoder, batch);
    var labels = BatchTensors.labels(batch, decoder.device()); // [B, T]
    var sum = decoder.lossSum(done.hidden(), labels, null);
    return withBalance(StepLoss.of(sum, batch.supervisedTokens(), batch.tokens()), done);
  }

  /**
   * Adds a mixture's balance loss, where there is one. It is a mean already; weighted like what the
   * loss counts it stays one over all micro-batches.
   */
  public static StepLoss withBalance(StepLoss loss, Activations done) {
    return withBalance(loss, done, 1);
  }

  /**
   * The same with the balance loss multiplied.
   *
   * @param factor of the balance loss in the sum; the metric is without it
   */
  public static StepLoss withBalance(StepLoss loss, Activations done, double factor) {
    if (done.auxLoss() == null) return loss;
    var aux = done.auxLoss().mul(loss.weight());
    var metrics = new LinkedHashMap<>(loss.metrics());
    metrics.put(AUX_LOSS, new Mean(aux.detach(), loss.weight()));
    var sum = loss.sum().add(aux, factor);
    return new StepLoss(sum, loss.weight(), loss.supervised(), loss.tokens(), metrics);
  }
}
