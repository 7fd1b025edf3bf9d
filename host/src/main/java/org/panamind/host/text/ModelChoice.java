package org.panamind.host.text;

import java.nio.file.Path;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Option;
import org.panamind.torch.Device;

/**
 * Which trained model a command uses, and where.
 *
 * @param weight a name in the save folder, a file, or a folder of Hugging Face's form
 * @param loraWeight low-rank weights to use with it: a name in the save folder's {@code lora} or a
 *     file; null for none
 * @param saveDir folder of weights
 * @param hiddenSize chooses between weights of one name, or null
 * @param tokenizerPath folder of the tokenizer, or null for the weights' own
 * @param inferenceRopeScaling whether rotations are stretched, for texts longer than those trained
 *     on
 * @param device cpu, cuda or cuda:N, or null for CUDA where there is one
 */
public record ModelChoice(
    @Option(
            help = "weights: a name in --save_dir, a file, or a folder of Hugging Face's form",
            group = "Model")
        String weight,
    @Option(
            help = "low-rank weights to use with them: a name in --save_dir/lora, or a file",
            group = "Model")
        String loraWeight,
    @Option(help = "folder of weights", group = "Model") Path saveDir,
    @Option(help = "chooses between weights of one name", group = "Model") Integer hiddenSize,
    @Option(
            help = "folder of tokenizer.json; none takes the one the weights were trained with",
            group = "Model")
        Path tokenizerPath,
    @Option(
            help = "stretch rotations (YaRN), for texts longer than those trained on",
            group = "Model")
        boolean inferenceRopeScaling,
    @Option(help = "cpu, cuda or cuda:N; none takes CUDA where LibTorch has it", group = "Machine")
        String device) {

  /** Weights of this name in {@code out}, everything else by itself. */
  public static ModelChoice of(String weight) {
    return new ModelChoice(weight, null, Path.of("out"), null, null, false, null);
  }

  /**
   * The device to compute on.
   *
   * @throws ConfigException if the name is none of a device
   */
  public Device chosenDevice() {
    if (device == null) return Device.best();
    try {
      return Device.parse(device);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--device is " + device + ", must be cpu, cuda or cuda:N", e);
    }
  }
}
