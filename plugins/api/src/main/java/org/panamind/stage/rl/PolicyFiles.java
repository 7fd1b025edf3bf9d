package org.panamind.stage.rl;

import java.nio.file.Path;
import org.panamind.dataset.chat.ChatChecks;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.dataset.rows.PromptRows;
import org.panamind.dataset.sample.SampleChats;
import org.panamind.model.Decoder;
import org.panamind.stage.ConfigException;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;
import org.panamind.stage.reward.Rewards;
import org.panamind.stage.train.Compat;
import org.panamind.stage.train.RowData;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingOptions;

/**
 * What a run of reinforcement learning begins with.
 *
 * @param policy from the weights that the run starts from
 * @param data prompts in batches
 * @param rows the prompts themselves
 * @param outputName of the weights
 * @param chat files and tokenizer
 */
public record PolicyFiles(
    Policy policy,
    RowData<Prompt, PromptBatch> data,
    DataOptions.Parts<Prompt> rows,
    String outputName,
    ChatFiles chat) {
  private static final ChatFiles.Kind KIND =
      new ChatFiles.Kind(ChatChecks.prompts(), SampleChats.RLAIF, "conversations");

  private static final int LOOKED_AT = 100;

  /**
   * Opens everything.
   *
   * @param start the weights, which are the reference too
   * @return its parts to be closed by the run that takes them
   */
  public static PolicyFiles open(
      DataOptions data,
      AnswerOptions answers,
      StartOptions start,
      TrainingOptions training,
      TrainingContext context) {
    String rewards = answers.rewards();
    requireForm(training.compat());
    Path weights = start.file(training.saveDir());
    if (weights == null)
      throw new ConfigException("--from_weight is none, must be weights to start from");
    var chat = ChatFiles.open(data, training, KIND, weights, context);
    var opened = new Opened();
    try {
      sayWhatIsLeftOut(chat, context);
      var rows =
          chat.rows(all -> PromptRows.of(all, chat.encoder(), answers.prompts(data, training)));
      var batches = chat.batches(rows, PromptBatch.FORM);
      var surroundings =
          new RewardContext(context.console(), context.device(), answers.reasoning());
      opened.reward = Rewards.open(rewards, context.rewardModels(), surroundings);
      int vocabulary = chat.tokenizer().vocabSize();
      opened.policy = start.decoder(weights, vocabulary, training.compat(), context.device());
      warnOfDropout(opened.policy, context);
      opened.reference = start.decoder(weights, vocabulary, training.compat(), context.device());
      var sampler =
          new Sampler(
              opened.policy,
              chat.tokenizer(),
              opened.reward,
              answers,
              context.precision(),
              training.seed());
      var policy =
          new Policy(
              opened.policy,
              opened.reference,
              sampler,
              opened.reward,
              form(answers, training.compat()),
              context.precision());
      var name = SavedWeights.nameOf(training.saveWeight(), opened.policy.config());
      return new PolicyFiles(policy, batches, rows, name, chat);
    } catch (RuntimeException e) {
      opened.close();
      chat.close();
      throw e;
    }
  }

  /**
   * The weights that the run starts from once more.
   *
   * @return to be closed by the caller
   */
  public Decoder another(StartOptions start, TrainingOptions training, TrainingContext context) {
    int vocabulary = chat.tokenizer().vocabSize();
    Path weights = start.file(training.saveDir());
    return start.decoder(weights, vocabulary, training.compat(), context.device());
  }

  private static void requireForm(Compat compat) {
    if (compat == Compat.MINIMIND3)
      throw new ConfigException(
          "--compat is minimind3, must be none or minimind2: of minimind-3's reinforcement learning"
              + " there is no form here; its models train with either");
  }

  private static TokenLogProbs.Form form(AnswerOptions answers, Compat compat) {
    return compat == Compat.NONE
        ? new TokenLogProbs.Form(answers.temperature(), false)
        : TokenLogProbs.Form.MINIMIND2;
  }

  /** Answers in the data are not what is learned here, which their owner may not know. */
  private static void sayWhatIsLeftOut(ChatFiles chat, TrainingContext context) {
    var records = chat.rows(all -> all).training();
    long looked = Math.min(LOOKED_AT, records.size());
    for (long i = 0; i < looked; i++) {
      var last = Conversation.of(records.get(i).get("conversations")).messages().getLast();
      if (!last.isAnswer() || last.isLeftOpen()) continue;
      context
          .console()
          .info(
              "the data has answers (\"%s\"...); they are left out, the model answers the last question itself"
                  .formatted(beginning(last.content())));
      return;
    }
  }

  /** Answers are drawn without it. */
  private static void warnOfDropout(Decoder policy, TrainingContext context) {
    double dropout = policy.config().dropout();
    if (dropout > 0)
      context
          .console()
          .warn(
              "dropout is %s: what learns is not quite what answered; --dropout 0 turns it off"
                  .formatted(dropout));
  }

  private static String beginning(String text) {
    return text.substring(0, Math.min(20, text.length())).replace("\n", "\\n");
  }

  /** What is closed again when opening fails on the way. */
  private static final class Opened {
    private Reward reward;
    private Decoder policy;
    private Decoder reference;

    void close() {
      if (reference != null) reference.close();
      if (policy != null) policy.close();
      if (reward != null) reward.close();
    }
  }
}
