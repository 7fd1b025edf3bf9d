package org.panamind.stage.pretrain;

import java.nio.file.Path;
import java.util.List;
import org.panamind.dataset.batch.Batch;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;
import org.panamind.stage.Console;
import org.panamind.stage.math.NextToken;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.StepLoss;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingData;
import org.panamind.stage.train.TrainingRun;
import org.panamind.torch.Device;

/**
 * Next-token cross-entropy, summed over the tokens of a batch (Radford et al. 2018, section 3.1,
 * eq. 1).
 *
 * @param decoder what is trained; closed with the run
 * @param data its batches
 * @param outputName of the weights
 * @param text where the batches come from, closed with the run, or null if they are recorded
 */
record PretrainRun(Decoder decoder, TrainingData<Batch> data, String outputName, PretrainText text)
    implements TrainingRun<Batch> {
  private static final int SHOWN_TOKENS = 60;

  static PretrainRun open(PretrainConfig config, TrainingContext context) {
    var text = PretrainText.open(config, context);
    try {
      var decoder = decoder(config, text.tokenizer().vocabSize(), context.device());
      var sizes = decoder.config();
      context
          .console()
          .info(
              "%,d parameters, vocabulary of %,d"
                  .formatted(sizes.parameterCount(), sizes.vocabSize()));
      var name = SavedWeights.nameOf(config.training().saveWeight(), sizes);
      return new PretrainRun(decoder, text.rows(), name, text);
    } catch (RuntimeException e) {
      text.close();
      throw e;
    }
  }

  private static Decoder decoder(PretrainConfig config, int vocabSize, Device device) {
    var sizes = config.model().toConfig(vocabSize, config.training().compat());
    if (config.fromWeight() == null) return Decoder.random(sizes, device);
    var file =
        SavedWeights.find(
            config.training().saveDir(),
            config.fromWeight(),
            sizes.hiddenSize(),
            sizes.experts() != null);
    return DecoderFiles.readAs(file, sizes, device);
  }

  @Override
  public List<ParameterGroup> groups() {
    return List.of(new ParameterGroup("model", decoder.parameters(), 1));
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
  public void writeWeights(Path safetensors) {
    SavedWeights.write(safetensors, decoder, text.tokenizerFolder());
  }

  @Override
  public void show(Console console) {
    var tokenizer = text.tokenizer();
    var ids = tokenizer.encode(text.prompt());
    var prompt = new long[ids.length + 1];
    prompt[0] = tokenizer.specialTokens().bosId();
    for (int i = 0; i < ids.length; i++) prompt[i + 1] = ids[i];
    var decoding = tokenizer.streamingDecoder(true);
    var written = new StringBuilder(text.prompt()).append(" | ");
    new TextGenerator(decoder)
        .generate(
            prompt,
            SHOWN_TOKENS,
            tokenizer.specialTokens().eosId(),
            Sampling.GREEDY,
            id -> {
              written.append(decoding.accept(Math.toIntExact(id)));
              return true;
            });
    console.info("the model writes: " + written.append(decoding.finish()));
  }

  @Override
  public void close() {
    if (text != null) text.close();
    decoder.close();
  }
}
