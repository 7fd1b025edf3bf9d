package org.example.kto;

import java.nio.file.Path;
import java.util.Map;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.rows.PreferenceBatch;
import org.panamind.dataset.rows.PreferenceRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.chat.ChatRun;
import org.panamind.stage.math.AnswerLogProbs;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;

/**
 * Kahneman-Tversky optimisation (Ethayarajh et al. 2024, arXiv:2402.01306, section 4.1). With r the
 * log-ratio of policy to reference for an answer and z the divergence of policy from reference, a
 * good answer's loss is {@code 1 - sigmoid(beta (r - z))}, a bad one's {@code 1 - sigmoid(beta (z -
 * r))}.
 *
 * @param decoder the policy
 * @param reference what it must not leave; closed with the run
 * @param config of the loss
 * @param data its batches
 * @param outputName of the weights
 * @param chat where the batches come from, or null if they are recorded
 */
record KtoRun(
    Decoder decoder,
    Decoder reference,
    KtoConfig config,
    TrainingData<PreferenceBatch> data,
    String outputName,
    ChatFiles chat)
    implements ChatRun<PreferenceBatch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.preferences(), SampleChats.DPO, "chosen");

  static KtoRun open(KtoConfig config, TrainingContext context) {
    var training = config.training();
    Path weights = config.start().file(training.saveDir());
    var chat = ChatFiles.open(config.data(), training, KIND, weights, context);
    var rows = chat.rows(records -> PreferenceRows.of(records, chat.encoder(), config.rows()));
    var batches = chat.batches(rows, PreferenceBatch.FORM);
    int vocabulary = chat.tokenizer().vocabSize();
    var policy = config.start().decoder(weights, vocabulary, training.compat(), context.device());
    var same = config.start().decoder(weights, vocabulary, training.compat(), context.device());
    var name = SavedWeights.nameOf(training.saveWeight(), policy.config());
    return new KtoRun(policy, same, config, batches, name, chat);
  }

  @Override
  public StepLoss forward(PreferenceBatch batch) {
    var rows = batch.rows(); // [2B, T]: good answers, then bad ones
    var pass = NextToken.pass(decoder, rows);
    var said = AnswerLogProbs.of(decoder, pass.hidden(), rows);
    Tensor known;
    Tensor divergence;
    try (var no = NoGrad.enter()) {
      known = answers(reference, rows); // [2B]
      var mismatched = Mismatched.of(rows, 1);
      divergence = answers(decoder, mismatched).sub(answers(reference, mismatched)).mean();
    }
    var ratio = said.sums().sub(known).sub(divergence.clampMin(0)).mul(config.beta()); // [2B]
    var signs = Tensor.of(perAnswer(said.counts(), 1, -1), ratio.size(0)).to(ratio.device());
    var weights =
        Tensor.of(
                perAnswer(said.counts(), config.desirableWeight(), config.undesirableWeight()),
                ratio.size(0))
            .to(ratio.device());
    var losses = ratio.mul(signs).sigmoid().rsub(1).mul(weights); // [2B]
    double counted = 0;
    for (long tokens : said.counts()) counted += tokens > 0 ? 1 : 0;
    var metrics = Map.of("kl", new Mean(divergence.mul(counted), counted));
    var mean = new StepLoss(losses.sum(), counted, rows.supervisedTokens(), rows.tokens(), metrics);
    return NextToken.withBalance(mean, pass);
  }

  private static Tensor answers(Decoder decoder, Batch rows) {
    return AnswerLogProbs.of(decoder, NextToken.pass(decoder, rows).hidden(), rows).sums();
  }

  /** A value for good answers and one for bad ones; 0 for those that were cut away. */
  private static float[] perAnswer(long[] tokens, double good, double bad) {
    var values = new float[tokens.length];
    for (int i = 0; i < values.length; i++) {
      double value = i < values.length / 2 ? good : bad;
      values[i] = tokens[i] > 0 ? (float) value : 0;
    }
    return values;
  }

  @Override
  public void close() {
    reference.close();
    ChatRun.super.close();
  }
}
