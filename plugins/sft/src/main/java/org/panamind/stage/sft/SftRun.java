package org.panamind.stage.sft;

import java.nio.file.Path;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.rows.SftRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.chat.ChatRun;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;

/**
 * Cross-entropy of every answer's tokens, through its end of turn and the newline behind it (Ouyang
 * et al. 2022, arXiv:2203.02155, section 3.5).
 *
 * @param decoder what is trained
 * @param data its batches
 * @param outputName of the weights
 * @param chat where the batches come from, or null if they are recorded
 */
record SftRun(Decoder decoder, TrainingData<Batch> data, String outputName, ChatFiles chat)
    implements ChatRun<Batch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.conversations(), SampleChats.SFT);

  static SftRun open(SftConfig config, TrainingContext context) {
    var training = config.training();
    Path weights = config.start().file(training.saveDir());
    var chat = ChatFiles.open(config.data(), training, KIND, weights, context);
    try {
      var options = config.chance().toOptions(config.data(), training);
      var rows = chat.rows(records -> SftRows.of(records, chat.encoder(), options));
      var batches = chat.batches(rows, BatchForm.ROWS);
      int vocabulary = chat.tokenizer().vocabSize();
      var decoder =
          config.start().decoder(weights, vocabulary, training.compat(), context.device());
      var name = SavedWeights.nameOf(training.saveWeight(), decoder.config());
      return new SftRun(decoder, batches, name, chat);
    } catch (RuntimeException e) {
      chat.close();
      throw e;
    }
  }

  @Override
  public StepLoss forward(Batch batch) {
    return NextToken.loss(decoder, batch);
  }

  @Override
  public double flopsPerToken(Batch batch) {
    return decoder.config().trainingFlopsPerToken(batch.length());
  }
}
