package org.panamind.stage.lora;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.rows.SftRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.model.lora.LoraAdapters;
import org.panamind.stage.Console;
import org.panamind.stage.chat.Answer;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.stage.train.TrainingRun;

/**
 * Supervised fine-tuning of low-rank matrices alone (Hu et al. 2021, arXiv:2106.09685, section
 * 4.1): {@code h = W x + alpha / r B A x}, W frozen.
 */
final class LoraRun implements TrainingRun<Batch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.conversations(), SampleChats.LORA_IDENTITY);

  private final Decoder decoder;
  private final LoraAdapters adapters;
  private final TrainingData<Batch> data;
  private final String outputName;
  private final ChatFiles chat;

  /**
   * A run over any batches.
   *
   * @param adapters attached to the decoder
   * @param chat what to show and to name in the weights, closed with the run; null over recorded
   *     batches
   */
  LoraRun(
      Decoder decoder,
      LoraAdapters adapters,
      TrainingData<Batch> data,
      String outputName,
      ChatFiles chat) {
    this.decoder = decoder;
    this.adapters = adapters;
    this.data = data;
    this.outputName = outputName;
    this.chat = chat;
  }

  static LoraRun open(LoraStageConfig config, TrainingContext context) {
    var training = config.training();
    Path weights = config.start().file(training.saveDir());
    var chat = ChatFiles.open(config.data(), training, KIND, weights, context);
    Decoder decoder = null;
    try {
      var options = config.chance().toOptions(config.data(), training);
      var rows = chat.rows(records -> SftRows.of(records, chat.encoder(), options));
      var batches = chat.batches(rows, BatchForm.ROWS);
      int vocabulary = chat.tokenizer().vocabSize();
      decoder = config.start().decoder(weights, vocabulary, training.compat(), context.device());
      var adapters = LoraAdapters.random(decoder, config.adapters());
      var name = "lora/" + SavedWeights.nameOf(config.name(), decoder.config());
      return new LoraRun(decoder, adapters, batches, name, chat);
    } catch (RuntimeException e) {
      if (decoder != null) decoder.close();
      chat.close();
      throw e;
    }
  }

  @Override
  public List<ParameterGroup> groups() {
    return List.of(new ParameterGroup("lora", adapters.parameters(), 1));
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

  /** Frozen weights get no gradient of their own: 4 operations a weight in place of 6. */
  @Override
  public double flopsPerToken(Batch batch) {
    return decoder.config().trainingFlopsPerToken(batch.length()) * 2 / 3;
  }

  @Override
  public String outputName() {
    return outputName;
  }

  @Override
  public void writeWeights(Path safetensors) {
    var tokenizer = chat.tokenizerFolder().toAbsolutePath().normalize().toString();
    adapters.writeSafetensors(safetensors, Map.of(SavedTokenizer.METADATA, tokenizer));
  }

  @Override
  public void show(Console console) {
    var asked = Conversation.of(chat.shown().get("conversations"));
    console.info("the model answers: " + Answer.shown(decoder, chat.encoder(), asked));
  }

  @Override
  public void close() {
    if (chat != null) chat.close();
    adapters.close();
    decoder.close();
  }
}
