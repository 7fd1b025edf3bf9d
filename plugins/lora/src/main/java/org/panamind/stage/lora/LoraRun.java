package org.panamind.stage.lora;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.rows.SftRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.model.lora.LoraAdapters;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.chat.ChatRun;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;

/**
 * Supervised fine-tuning of low-rank matrices alone (Hu et al. 2021, arXiv:2106.09685, section
 * 4.1): {@code h = W x + alpha / r B A x}, W frozen.
 *
 * @param decoder frozen
 * @param adapters trained; attached to the decoder
 * @param data its batches
 * @param outputName of the weights
 * @param chat where the batches come from, or null if they are recorded
 */
record LoraRun(
    Decoder decoder,
    LoraAdapters adapters,
    TrainingData<Batch> data,
    String outputName,
    ChatFiles chat)
    implements ChatRun<Batch> {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.conversations(), SampleChats.LORA_IDENTITY);

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
  public StepLoss forward(Batch batch) {
    return NextToken.loss(decoder, batch);
  }

  /** Frozen weights get no gradient of their own: 4 operations a weight in place of 6. */
  @Override
  public double flopsPerToken(Batch batch) {
    return decoder.config().trainingFlopsPerToken(batch.length()) * 2 / 3;
  }

  @Override
  public void writeWeights(Path safetensors) {
    var tokenizer = chat.tokenizerFolder().toAbsolutePath().normalize().toString();
    adapters.writeSafetensors(safetensors, Map.of(SavedTokenizer.METADATA, tokenizer));
  }

  @Override
  public void close() {
    adapters.close();
    ChatRun.super.close();
  }
}
