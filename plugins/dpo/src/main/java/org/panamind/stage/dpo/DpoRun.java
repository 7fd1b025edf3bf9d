package org.panamind.stage.dpo;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.rows.PreferenceBatch;
import org.panamind.dataset.rows.PreferencePair;
import org.panamind.dataset.rows.PreferenceRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.chat.ChatRun;
import org.panamind.stage.dpo.PreferenceLoss.Pair;
import org.panamind.stage.math.AnswerLogProbs;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.DType;
import org.panamind.torch.Tensor;

/**
 * Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290, section 4): with {@code
 * h} the log-ratio of policy to reference for the chosen answer less that for the rejected one,
 * {@code -log sigmoid(beta h)}, averaged over pairs.
 *
 * @param decoder the policy
 * @param reference what it must not leave; closed with the run
 * @param loss of a pair
 * @param data its batches
 * @param outputName of the weights
 * @param chat where the batches come from, or null if they are recorded
 */
record DpoRun(
    Decoder decoder,
    ReferenceLogProbs reference,
    PreferenceLoss loss,
    TrainingData<PreferenceBatch> data,
    String outputName,
    ChatFiles chat)
    implements ChatRun<PreferenceBatch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.preferences(), SampleChats.DPO, "chosen");

  static DpoRun open(DpoConfig config, TrainingContext context) {
    var training = config.training();
    Path weights = config.start().file(training.saveDir());
    var chat = ChatFiles.open(config.data(), training, KIND, weights, context);
    Decoder policy = null;
    try {
      var rows = chat.rows(all -> PreferenceRows.of(all, chat.encoder(), config.rows()));
      var batches = chat.batches(numberedApart(rows), PreferenceBatch.FORM);
      int vocabulary = chat.tokenizer().vocabSize();
      policy = config.start().decoder(weights, vocabulary, training.compat(), context.device());
      var same = config.start().decoder(weights, vocabulary, training.compat(), context.device());
      var name = SavedWeights.nameOf(training.saveWeight(), policy.config());
      var reference = new ReferenceLogProbs(same, known(config, weights, name, context));
      return new DpoRun(policy, reference, config.loss(), batches, name, chat);
    } catch (RuntimeException e) {
      if (policy != null) policy.close();
      chat.close();
      throw e;
    }
  }

  /** What this run, or one of the same reference and pairs, has computed before. */
  private static KnownPairs known(
      DpoConfig config, Path weights, String name, TrainingContext context) {
    var reference =
        "%s in %s on %s"
            .formatted(KnownPairs.fingerprint(weights), context.precision(), context.device());
    var folder = config.training().saveDir().resolve("reference");
    return KnownPairs.open(folder.resolve(name + ".pairs"), reference);
  }

  /** Held-out pairs of a file of their own would share numbers with those that are trained on. */
  private static DataOptions.Parts<PreferencePair> numberedApart(
      DataOptions.Parts<PreferencePair> parts) {
    if (parts.heldOut() == null) return parts;
    return new DataOptions.Parts<>(
        parts.training(),
        parts.heldOut().map(p -> new PreferencePair(p.chosen(), p.rejected(), ~p.sample())));
  }

  @Override
  public StepLoss forward(PreferenceBatch batch) {
    var rows = batch.rows(); // [2B, T]
    var pass = NextToken.pass(decoder, rows);
    var answers = AnswerLogProbs.of(decoder, pass.hidden(), rows);
    var said = loss.mean() ? answers.means() : answers.sums(); // [2B]
    var known = new AnswerLogProbs(reference.of(batch), answers.counts());
    var wanted = loss.mean() ? known.means() : known.sums(); // [2B]
    var counted = counted(answers.counts()); // [B]
    var counts = Tensor.of(counted, counted.length).to(decoder.device());

    var losses = loss.of(Pair.of(said), Pair.of(wanted)).mul(counts); // [B]
    double weight = 0;
    for (float pair : counted) weight += pair;
    var sums = sums(Pair.of(said.detach()), Pair.of(wanted), losses.detach(), counts);
    var metrics = new LinkedHashMap<String, Mean>();
    for (var sum : sums.entrySet()) metrics.put(sum.getKey(), new Mean(sum.getValue(), weight));
    var mean = new StepLoss(losses.sum(), weight, rows.supervisedTokens(), rows.tokens(), metrics);
    return NextToken.withBalance(mean, pass);
  }

  /** 1 for a pair of which both answers are in their rows, 0 for one cut before. */
  private static float[] counted(long[] tokens) {
    var counted = new float[tokens.length / 2];
    for (int i = 0; i < counted.length; i++)
      counted[i] = tokens[i] > 0 && tokens[counted.length + i] > 0 ? 1 : 0;
    return counted;
  }

  private Map<String, Tensor> sums(Pair said, Pair wanted, Tensor losses, Tensor counts) {
    var margin = PreferenceLoss.margin(said, wanted);
    var sums = new LinkedHashMap<String, Tensor>();
    sums.put("dpo_loss", losses.sum());
    sums.put("reward_margin", margin.mul(loss.beta()).mul(counts).sum());
    sums.put("reward_accuracy", margin.gt(0).to(DType.FLOAT32).mul(counts).sum());
    sums.put("chosen_log_prob", said.chosen().mul(counts).sum());
    sums.put("rejected_log_prob", said.rejected().mul(counts).sum());
    return sums;
  }

  @Override
  public double flopsPerToken(PreferenceBatch batch) {
    return decoder.config().trainingFlopsPerToken(batch.rows().length());
  }

  @Override
  public void close() {
    reference.close();
    ChatRun.super.close();
  }
}
