package org.panamind.stage.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.Decoder;
import org.panamind.model.Sampling;
import org.panamind.model.rollout.Rollout;
import org.panamind.model.rollout.RolloutEngine;
import org.panamind.model.rollout.RolloutOptions;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;
import org.panamind.torch.DType;

/**
 * Draws answers from a policy as it is at the time, and has them scored. What is drawn for a prompt
 * depends on the seed, on where in the data it stands and on the weights, not on ranks.
 */
public final class Sampler implements RolloutSource {
  private final Tokenizer tokenizer;
  private final Reward reward;
  private final RolloutEngine engine;
  private final RolloutOptions drawn;
  private final RolloutOptions greedy;
  private final long seed;

  /**
   * A sampler over a borrowed policy, tokenizer and reward.
   *
   * @param precision of matrix products while drawing
   */
  Sampler(
      Decoder policy,
      Tokenizer tokenizer,
      Reward reward,
      AnswerOptions options,
      DType precision,
      long seed) {
    this.tokenizer = tokenizer;
    this.reward = reward;
    this.engine = new RolloutEngine(policy, precision);
    long end = tokenizer.specialTokens().eosId();
    long pad = tokenizer.specialTokens().padId();
    this.drawn = new RolloutOptions(options.maxGenLen(), end, pad, options.sampling());
    this.greedy = new RolloutOptions(options.maxGenLen(), end, pad, Sampling.GREEDY);
    this.seed = seed;
  }

  @Override
  public ScoredRollout sample(PromptBatch batch, Drawing drawing) {
    List<Prompt> prompts = batch.prompts();
    int each = drawing.each();
    var rows = new ArrayList<long[]>();
    for (Prompt prompt : prompts) {
      long[] ids = Arrays.stream(prompt.ids()).asLongStream().toArray();
      for (int g = 0; g < each; g++) rows.add(ids);
    }
    var rollout =
        engine.generate(rows, seeds(batch, drawing), drawing.likeliest() ? greedy : drawn);
    var counted = new boolean[rows.size()];
    for (int n = 0; n < counted.length; n++) counted[n] = prompts.get(n / each).counts();
    return new ScoredRollout(rollout, rewards(prompts, each, rollout, counted), each, counted);
  }

  private double[] rewards(List<Prompt> prompts, int each, Rollout rollout, boolean[] counted) {
    var answers = rollout.answers();
    var replies = new ArrayList<Reply>();
    for (int n = 0; n < counted.length; n++)
      if (counted[n])
        replies.add(reply(prompts.get(n / each), answers.get(n), rollout.ended().get(n)));
    double[] scores = replies.isEmpty() ? new double[0] : reward.score(replies);
    var rewards = new double[counted.length];
    for (int n = 0, next = 0; n < counted.length; n++) if (counted[n]) rewards[n] = scores[next++];
    return rewards;
  }

  private Reply reply(Prompt prompt, long[] answer, boolean ended) {
    int[] ids = Arrays.stream(answer).mapToInt(Math::toIntExact).toArray();
    String text = tokenizer.decode(ids, true);
    return new Reply(prompt.conversation(), text, prompt.record(), answer.length, ended);
  }

  /** A batch stands at the same place of the data whatever the ranks that share it. */
  private long[] seeds(PromptBatch batch, Drawing drawing) {
    int each = drawing.each();
    var seeds = new long[batch.size() * each];
    for (int n = 0; n < seeds.length; n++) {
      long mixed = seed;
      long sample = batch.prompts().get(n / each).sample();
      var next = batch.next();
      for (long part :
          new long[] {next.epoch(), next.position(), sample, n % each, drawing.attempt()})
        mixed = mixed(mixed ^ mixed(part + 1));
      seeds[n] = mixed;
    }
    return seeds;
  }

  /** Spreads neighbouring numbers: the finaliser of SplitMix64 (Steele et al. 2014). */
  private static long mixed(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
