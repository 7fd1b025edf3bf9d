package org.panamind.stage.rl;

import java.util.regex.Pattern;
import org.panamind.dataset.rows.PromptOptions;
import org.panamind.model.Sampling;
import org.panamind.stage.ConfigException;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.train.TrainingOptions;

/**
 * How answers are drawn and what they are worth, for stages that learn from their own answers.
 *
 * @param maxGenLen most tokens of an answer
 * @param temperature divides the logits, in drawing and in learning
 * @param topK only the k likeliest tokens are drawn, 0 for all
 * @param topP only the likeliest tokens that together reach this probability are drawn
 * @param minP only tokens at least this share as likely as the likeliest are drawn
 * @param repetitionPenalty divides the logits of tokens that stand in the text
 * @param reward what scores answers, as {@link org.panamind.stage.reward.Rewards} reads it
 * @param reasoning whether answers are thinking and answer blocks
 * @param thinkingRatio how often the template opens a thinking block
 * @param systemPromptRatio how often a prompt gets a system message
 */
public record AnswerOptions(
    @Option(help = "most tokens of an answer", unit = "tokens") int maxGenLen,
    @Option(help = "divides the logits, in drawing and in learning") double temperature,
    @Option(help = "draws among the k likeliest tokens only, 0 for all") int topK,
    @Option(help = "draws among the likeliest tokens that reach this probability") double topP,
    @Option(help = "draws tokens at least this share as likely as the likeliest") double minP,
    @Option(help = "divides the logits of tokens that stand in the text") double repetitionPenalty,
    @Option(help = "what scores answers: NAME:ARGUMENT or a URL, several joined by +")
        String reward,
    @Option(
            help =
                "1 expects <think> and <answer> blocks: adds the reward rules:format,tags where no"
                    + " rules are given, and lets a reward model score the answer block apart")
        boolean reasoning,
    @Option(help = "share of prompts whose template opens a thinking block") double thinkingRatio,
    @Option(help = "share of prompts that get a system message; MiniMind has 0.2 in minimind-3")
        double systemPromptRatio) {
  private static final String FORM = "rules:format,tags";
  private static final Pattern RULES = Pattern.compile("(^|\\+)rules(:|\\+|$)");

  /** MiniMind2's, with all tokens drawn from. */
  public static final AnswerOptions DEFAULT =
      new AnswerOptions(1536, 0.8, 0, 1, 0, 1, null, true, 0, 0);

  /** Checks the bounds. */
  public AnswerOptions {
    Bounds.atLeast("max_gen_len", maxGenLen, 1);
    Bounds.positive("temperature", temperature);
    Bounds.atLeast("top_k", topK, 0);
    Bounds.require(topP > 0 && topP <= 1, "top_p", topP, "must be above 0, at most 1");
    Bounds.between("min_p", minP, 0, 1);
    Bounds.positive("repetition_penalty", repetitionPenalty);
    Bounds.between("thinking_ratio", thinkingRatio, 0, 1);
    Bounds.between("system_prompt_ratio", systemPromptRatio, 0, 1);
  }

  /** How tokens are drawn. */
  Sampling sampling() {
    return new Sampling(temperature, topK, topP, minP, repetitionPenalty);
  }

  /** How conversations become prompts. */
  PromptOptions prompts(DataOptions data, TrainingOptions training) {
    return new PromptOptions(data.maxSeqLen(), systemPromptRatio, thinkingRatio, training.seed());
  }

  /** All that scores an answer. */
  String rewards() {
    if (reward == null)
      throw new ConfigException(
          "--reward is none; say what scores answers, for example rules:exact,"
              + " internlm2:FOLDER or a URL");
    return reasoning && !RULES.matcher(reward).find() ? reward + "+" + FORM : reward;
  }
}
