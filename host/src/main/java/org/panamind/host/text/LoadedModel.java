package org.panamind.host.text;

import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.Decoder;
import org.panamind.stage.ConfigException;
import org.panamind.stage.options.SavedTokenizer;

/**
 * A model with its tokenizer; owns both.
 *
 * @param weights the model, on the device asked for
 * @param tokenizer of no more ids than the model has
 */
public record LoadedModel(LoadedDecoder weights, Tokenizer tokenizer) implements AutoCloseable {
  /**
   * Finds and loads both.
   *
   * @throws ConfigException if one of them is not there or they do not fit together
   */
  public static LoadedModel load(ModelChoice choice) {
    LoadedDecoder weights = LoadedDecoder.load(choice);
    try {
      var model = new LoadedModel(weights, SavedTokenizer.load(weights.tokenizerFolder()));
      requireFit(model);
      return model;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private static void requireFit(LoadedModel model) {
    int ids = model.tokenizer.vocabSize();
    int rows = model.decoder().config().vocabSize();
    if (ids <= rows) return;
    model.tokenizer.close();
    throw new ConfigException(
        "the tokenizer has %d ids, %s only %d; name the tokenizer that it was trained with by --tokenizer_path"
            .formatted(ids, model.weights.source(), rows));
  }

  /** The model; lent. */
  public Decoder decoder() {
    return weights.decoder();
  }

  @Override
  public void close() {
    weights.close();
    tokenizer.close();
  }
}
