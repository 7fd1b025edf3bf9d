package org.panamind.stage.distill;

import java.nio.file.Path;
import java.util.Map;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.rows.SftRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.chat.ChatRun;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.math.Supervised;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.Mean;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;

/**
 * Distillation of a teacher's distributions over the tokens of answers (Hinton et al. 2015,
 * arXiv:1503.02531): {@code alpha CE + (1 - alpha) T^2 KL(teacher || student)} a token.
 *
 * @param decoder the student
 * @param teacher closed with the run
 * @param mixture of both losses
 * @param compat whose share of the experts' balance counts
 * @param data its batches
 * @param outputName of the weights
 * @param chat where the batches come from, or null if they are recorded
 */
record DistillRun(
    Decoder decoder,
    Decoder teacher,
    DistillLoss.Mixture mixture,
    Compat compat,
    TrainingData<Batch> data,
    String outputName,
    ChatFiles chat)
    implements ChatRun<Batch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.conversations(), SampleChats.DISTILL);

  static DistillRun open(DistillConfig config, TrainingContext context) {
    var training = config.training();
    Path learned = config.teacher().file(training.saveDir(), "--teacher_hidden_size");
    Path start = config.student().file(training.saveDir(), "--student_hidden_size");
    var chat =
        ChatFiles.open(config.data(), training, KIND, start == null ? learned : start, context);
    Models models = null;
    try {
      var options = config.chance().toOptions(config.data(), training);
      var rows = chat.rows(records -> SftRows.of(records, chat.encoder(), options));
      var batches = chat.batches(rows, BatchForm.ROWS);
      models = Models.open(config, start, learned, chat, context.device());
      var name = SavedWeights.nameOf(training.saveWeight(), models.student().config());
      var mixture = new DistillLoss.Mixture(config.alpha(), config.temperature());
      return new DistillRun(
          models.student(), models.teacher(), mixture, training.compat(), batches, name, chat);
    } catch (RuntimeException e) {
      if (models != null) models.close();
      chat.close();
      throw e;
    }
  }

  @Override
  public StepLoss forward(Batch batch) {
    var supervised = Supervised.of(batch, decoder.device());
    var pass = NextToken.pass(decoder, batch);
    Tensor taught;
    try (var no = NoGrad.enter()) {
      taught = supervised.states(NextToken.pass(teacher, batch).hidden()); // [n, C of the teacher]
    }
    var says = new DistillLoss.Speaker(supervised.states(pass.hidden()), decoder.headWeight());
    var shouldSay = new DistillLoss.Speaker(taught, teacher.headWeight());
    var loss = DistillLoss.of(says, shouldSay, supervised.targets(), mixture);
    // MiniMind counts the experts' balance as part of the cross-entropy, so alpha halves it.
    double balance = compat == Compat.NONE ? 1 : mixture.alpha();
    long tokens = batch.supervisedTokens();
    var metrics =
        Map.of(
            "ce_loss", new Mean(loss.crossEntropy(), tokens),
            "distill_loss", new Mean(loss.divergence(), tokens));
    var mean = new StepLoss(loss.sum(), tokens, tokens, batch.tokens(), metrics);
    return NextToken.withBalance(mean, pass, balance);
  }

  /** The teacher's forward pass costs a third of what training it would. */
  @Override
  public double flopsPerToken(Batch batch) {
    return decoder.config().trainingFlopsPerToken(batch.length())
        + teacher.config().trainingFlopsPerToken(batch.length()) / 3;
  }

  @Override
  public void close() {
    teacher.close();
    ChatRun.super.close();
  }
}
