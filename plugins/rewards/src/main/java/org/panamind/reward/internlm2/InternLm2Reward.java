package org.panamind.reward.internlm2;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.panamind.model.hub.ScoringDecoder;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;
import org.panamind.stage.reward.RewardModel;
import org.pf4j.Extension;

/**
 * {@code internlm2:DIR}: an InternLM2ForRewardModel from its Hugging Face folder, such as
 * internlm2-1_8b-reward (Cai et al. 2024, arXiv:2403.17297, section 4.2). The folder has {@code
 * config.json}, the weights as safetensors or {@code .bin} in one file or several, {@code
 * tokenizer.model} and {@code tokenizer_config.json}; none of its Python is run.
 *
 * <p>A score is clipped to ±3. Of replies that reason, the text of the {@code <answer>} block, if
 * there is one, is scored by itself too and counts 0.6, the whole reply 0.4, as in MiniMind.
 */
@Extension
public final class InternLm2Reward implements RewardModel {
  private static final int DATA = 65;
  private static final List<String> NEEDED = List.of("config.json", "tokenizer.model");

  @Override
  public String name() {
    return "internlm2";
  }

  @Override
  public String summary() {
    return "an InternLM2 reward model's Hugging Face folder, as in internlm2:DIR";
  }

  @Override
  public Reward open(String argument, RewardContext context) {
    Path folder = folder(argument);
    var missing = NEEDED.stream().filter(name -> !Files.exists(folder.resolve(name))).toList();
    if (!missing.isEmpty())
      throw new StageException(
          DATA,
          "--reward internlm2:%s: the folder has no %s; copy the model's whole folder"
              .formatted(argument, String.join(" and no ", missing)));
    var chat = RewardChat.read(folder);
    return new ModelScores(
        ScoringDecoder.read(folder, context.device()), chat, context.reasoning());
  }

  private static Path folder(String argument) {
    try {
      Path folder = Path.of(argument);
      if (!argument.isEmpty() && Files.isDirectory(folder)) return folder;
    } catch (InvalidPathException e) {
      throw refused(argument, e.getReason());
    }
    throw refused(argument, "there is no such folder");
  }

  private static ConfigException refused(String argument, String why) {
    return new ConfigException(
        "--reward is internlm2:%s, must be internlm2: and a model's folder: %s"
            .formatted(argument, why));
  }
}
