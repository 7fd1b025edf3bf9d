package org.panamind.stage.grpo;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.RolloutSource;
import org.panamind.stage.rl.ScoredRollout;

/**
 * Draws groups; those whose answers are all worth the same teach nothing, and are drawn again and
 * then left out (dynamic sampling: Yu et al. 2025, arXiv:2503.14476, section 3.2).
 *
 * @param source of answers
 * @param each answers in a group
 * @param draws in all before a group is left out; 0 draws once and leaves it in
 */
record GroupSampling(RolloutSource source, int each, int draws) {
  /**
   * Answers to a batch of prompts.
   *
   * @param answers those of groups that were left out do not count
   * @param groups how many were asked for
   * @param degenerateShare share of those first drawn whose rewards were all equal
   */
  record Drawn(ScoredRollout answers, int groups, double degenerateShare) {}

  Drawn sample(PromptBatch batch) {
    var answers = source.sample(batch, Drawing.of(each));
    var degenerate = answers.degenerateGroups();
    int groups = answers.countedAnswers() / each;
    double share = (double) degenerate.size() / Math.max(1, groups);
    if (draws == 0) return new Drawn(answers, groups, share);
    for (int attempt = 1; attempt < draws && !degenerate.isEmpty(); attempt++) {
      var prompts = degenerate.stream().map(batch.prompts()::get).toList();
      var again = PromptBatch.FORM.of(prompts, 0, batch.next());
      var others = source.sample(again, new Drawing(each, attempt, false));
      answers = replaced(answers, degenerate, others);
      degenerate = answers.degenerateGroups();
    }
    return new Drawn(answers.without(degenerate), groups, share);
  }

  private ScoredRollout replaced(
      ScoredRollout answers, List<Integer> groups, ScoredRollout others) {
    var rewards = answers.rewards().clone();
    long[] rows = LongStream.range(0, answers.size()).toArray();
    for (int i = 0; i < groups.size(); i++) {
      int from = i * each;
      int to = groups.get(i) * each;
      IntStream.range(0, each).forEach(g -> rows[to + g] = answers.size() + from + g);
      System.arraycopy(others.rewards(), from, rewards, to, each);
    }
    var joined = Rollout.join(List.of(answers.rollout(), others.rollout()), 0).rows(rows);
    return new ScoredRollout(joined, rewards, each, answers.counted());
  }
}
