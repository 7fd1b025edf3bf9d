package org.panamind.stage.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.panamind.model.rollout.Rollout;
import org.panamind.torch.Tensor;

/**
 * N = B * G answers and what they are worth: G to each of B prompts, side by side.
 *
 * @param rollout the answers
 * @param rewards of each, N
 * @param each G
 * @param counted which answers are learned from; others have rewards of no meaning
 */
public record ScoredRollout(Rollout rollout, double[] rewards, int each, boolean[] counted) {
  /** All answers count. */
  public static ScoredRollout of(Rollout rollout, double[] rewards, int each) {
    var all = new boolean[rewards.length];
    Arrays.fill(all, true);
    return new ScoredRollout(rollout, rewards, each, all);
  }

  /** N. */
  public int size() {
    return rewards.length;
  }

  /** 1 on what is learned: the tokens drawn of answers that count, [N, R] float32. */
  public Tensor mask() {
    return countedAnswers() == size()
        ? rollout.mask()
        : rollout.mask().mul(answerMask().unsqueeze(1));
  }

  /** 1 for answers that count, [N] float32. */
  public Tensor answerMask() {
    var rows = new float[size()];
    for (int n = 0; n < rows.length; n++) rows[n] = counted[n] ? 1 : 0;
    return Tensor.of(rows, rows.length).to(rollout.mask().device());
  }

  /** How many answers count. */
  public int countedAnswers() {
    return (int) IntStream.range(0, size()).filter(n -> counted[n]).count();
  }

  /** Tokens of the answers that count. */
  public long countedTokens() {
    long[] lengths = rollout.lengths();
    return IntStream.range(0, size()).filter(n -> counted[n]).mapToLong(n -> lengths[n]).sum();
  }

  /** Tokens that a decoder reads, of prompts and answers, without padding. */
  public long readTokens() {
    long padding = rollout.firstKey().sum().itemLong();
    return (long) size() * rollout.promptWidth() - padding + Arrays.stream(rollout.lengths()).sum();
  }

  /** Mean reward of the answers that count; 0 if none does. */
  public double meanReward() {
    return mean(rewards);
  }

  /** Mean tokens of the answers that count; 0 if none does. */
  public double meanLength() {
    return mean(Arrays.stream(rollout.lengths()).asDoubleStream().toArray());
  }

  /** Share of the answers that count that were cut off before their end. */
  public double cutShare() {
    return mean(rollout.ended().stream().mapToDouble(ended -> ended ? 0 : 1).toArray());
  }

  /** Mean over the answers that count of one figure each; 0 if none does. */
  public double mean(double[] figures) {
    return Arrays.stream(ofCounted(figures)).average().orElse(0);
  }

  /** Those of one figure each that belong to answers that count. */
  public double[] ofCounted(double[] figures) {
    return IntStream.range(0, size())
        .filter(n -> counted[n])
        .mapToDouble(n -> figures[n])
        .toArray();
  }

  /** The same with other rewards. */
  public ScoredRollout with(double[] rewards) {
    return new ScoredRollout(rollout, rewards, each, counted);
  }

  /** Groups of which some answer counts and whose rewards are all equal: they teach nothing. */
  public List<Integer> degenerateGroups() {
    var groups = new ArrayList<Integer>();
    for (int first = 0; first < size(); first += each) {
      double reward = rewards[first];
      if (counted[first]
          && IntStream.range(first, first + each).allMatch(n -> rewards[n] == reward))
        groups.add(first / each);
    }
    return groups;
  }

  /** The same without some groups. */
  public ScoredRollout without(List<Integer> groups) {
    var left = counted.clone();
    for (int group : groups) Arrays.fill(left, group * each, (group + 1) * each, false);
    return new ScoredRollout(rollout, rewards, each, left);
  }
}
