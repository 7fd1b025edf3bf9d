package org.panamind.model.hub;

import java.nio.file.Path;
import org.panamind.model.ModelConfigException;
import org.panamind.model.Sampling;
import org.panamind.torch.DType;

/**
 * What an exported folder holds besides the model.
 *
 * @param type of the weights: float32, float16 or bfloat16
 * @param tokenizerFolder where the tokenizer's files lie that are copied; null for none
 * @param bosId token that starts a text
 * @param eosId token that ends an answer
 * @param padId token that fills rows up
 * @param sampling recommended draws, for {@code generation_config.json}
 */
public record HubExport(
    DType type, Path tokenizerFolder, int bosId, int eosId, int padId, Sampling sampling) {
  /** Refuses types that Hugging Face's loaders do not take. */
  public HubExport {
    if (type != DType.FLOAT32 && type != DType.FLOAT16 && type != DType.BFLOAT16) {
      throw new ModelConfigException(
          "a Hugging Face folder in "
              + type
              + " cannot be written; use float32, float16 or bfloat16");
    }
  }
}
