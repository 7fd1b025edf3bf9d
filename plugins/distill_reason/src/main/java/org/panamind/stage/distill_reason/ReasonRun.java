package org.panamind.stage.distill_reason;

import java.nio.file.Path;
import java.util.Map;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.rows.TagRows;
import org.panamind.dataset.rows.WeightedBatch;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.chat.ChatRun;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.BatchTensors;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.Tensor;

/**
 * Cross-entropy of reasoned answers in which the tags of thinking and answer weigh more, as
 * MiniMind2's {@code train_reason} has it: {@code sum(w CE) / sum(w)}. MiniMind divides by the
 * number of tokens in place of their weights, which makes a batch with many tags a longer step.
 *
 * @param decoder what is trained
 * @param compat whose divisor counts
 * @param data its batches
 * @param outputName of the weights
 * @param chat where the batches come from, or null if they are recorded
 */
record ReasonRun(
    Decoder decoder,
    Compat compat,
    TrainingData<WeightedBatch> data,
    String outputName,
    ChatFiles chat)
    implements ChatRun<WeightedBatch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.conversations(), SampleChats.DISTILL_REASON);

  static ReasonRun open(ReasonConfig config, TrainingContext context) {
    var training = config.training();
    Path weights = config.start().file(training.saveDir());
    var chat = ChatFiles.open(config.data(), training, KIND, weights, context);
    try {
      var options = config.chance().toOptions(config.data(), training);
      float tagWeight = (float) config.tagWeight();
      var rows =
          chat.rows(
              all -> TagRows.of(all, chat.encoder(), options, TagRows.REASONING_TAGS, tagWeight));
      var batches = chat.batches(rows, WeightedBatch.FORM);
      int vocabulary = chat.tokenizer().vocabSize();
      var decoder =
          config.start().decoder(weights, vocabulary, training.compat(), context.device());
      var name = SavedWeights.nameOf(training.saveWeight(), decoder.config());
      return new ReasonRun(decoder, training.compat(), batches, name, chat);
    } catch (RuntimeException e) {
      chat.close();
      throw e;
    }
  }

  @Override
  public StepLoss forward(WeightedBatch batch) {
    var rows = batch.rows();
    var pass = NextToken.pass(decoder, rows);
    var labels = BatchTensors.labels(rows, decoder.device()); // [B, T]
    var weights =
        Tensor.of(batch.weights(), rows.rows(), rows.length()).to(decoder.device()); // [B, T]
    var sum = decoder.lossSum(pass.hidden(), labels, weights);
    long tokens = rows.supervisedTokens();
    double counted = compat == Compat.NONE ? sumOf(batch) : tokens;
    return NextToken.withBalance(new StepLoss(sum, counted, tokens, rows.tokens(), Map.of()), pass);
  }

  /** Nothing predicts a row's first token, so its weight does not count. */
  private static double sumOf(WeightedBatch batch) {
    double sum = 0;
    int length = batch.rows().length();
    for (int i = 0; i < batch.weights().length; i++) if (i % length > 0) sum += batch.weights()[i];
    return sum;
  }

  @Override
  public double flopsPerToken(WeightedBatch batch) {
    return decoder.config().trainingFlopsPerToken(batch.rows().length());
  }
}
