package org.panamind.stage.sft;

import java.nio.file.Path;
import java.util.List;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.rows.SftRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.stage.Console;
import org.panamind.stage.chat.Answer;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.stage.train.TrainingRun;

/**
 * Cross-entropy of every answer's tokens, through its end of turn and the newline behind it (Ouyang
 * et al. 2022, arXiv:2203.02155, section 3.5).
 */
final class SftRun implements TrainingRun<Batch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.conversations(), SampleChats.SFT);

  private final Decoder decoder;
  private final TrainingData<Batch> data;
  private final String outputName;
  private final ChatFiles chat;

  /**
   * A run over any batches.
   *
   * @param chat what to show and to name in the weights, closed with the run; null over recorded
   *     batches
   */
  SftRun(Decoder decoder, TrainingData<Batch> data, String outputName, ChatFiles chat) {
    this.decoder = decoder;
    this.data = data;
    this.outputName = outputName;
    this.chat = chat;
  }

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
  public List<ParameterGroup> groups() {
    return List.of(new ParameterGroup("model", decoder.parameters(), 1));
  }

  @Override
  public TrainingData<Batch> data() {
    return data;
  }

  @Override
  public StepLoss forward(Batch batch) {
    return NextToken.loss(decoder, batch);
  }

  @Override
  public void training(boolean on) {
    decoder.training(on);
  }

  @Override
  public double flopsPerToken(Batch batch) {
    return decoder.config().trainingFlopsPerToken(batch.length());
  }

  @Override
  public String outputName() {
    return outputName;
  }

  @Override
  public void writeWeights(Path safetensors) {
    SavedWeights.write(safetensors, decoder, chat.tokenizerFolder());
  }

  @Override
  public void show(Console console) {
    var asked = Conversation.of(chat.shown().get("conversations"));
    console.info("the model answers: " + Answer.shown(decoder, chat.encoder(), asked));
  }

  @Override
  public void close() {
    if (chat != null) chat.close();
    decoder.close();
  }
}
