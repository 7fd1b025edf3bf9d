package org.panamind.stage.spo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.dataset.tokenizer.SpecialTokens;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.PolicyMath;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.train.RankSums;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * What the prompts of a batch are worth, and what their answers teach about that.
 *
 * @param tracker of all prompts
 * @param policy that answers
 * @param config of the tracker
 * @param tokens of the tokenizer
 */
record PromptValues(ValueTracker tracker, Policy policy, SpoConfig config, SpecialTokens tokens) {
  private static final int OFFLINE = 1;

  /** Takes a first value of each prompt never met from a few answers to it. */
  void begin(PromptBatch batch) {
    var unknown =
        batch.prompts().stream()
            .filter(prompt -> prompt.counts() && tracker.of(prompt.sample()) == null)
            .toList();
    if (unknown.isEmpty()) return;
    int each = config.offlineSamples();
    double[] successes = each == 0 ? new double[unknown.size()] : successes(unknown, batch, each);
    for (int i = 0; i < successes.length; i++) {
      var belief = Belief.initial(successes[i], each, config.rhoMin());
      var known = new ValueTracker.Known(belief, new int[0], new float[0]);
      tracker.put(unknown.get(i).sample(), known);
    }
  }

  private double[] successes(List<Prompt> prompts, PromptBatch batch, int each) {
    var asked = PromptBatch.FORM.of(prompts, tokens.padId(), batch.next());
    var successes = new double[prompts.size()];
    try (var scope = TensorScope.open()) {
      var answers = policy.source().sample(asked, new Drawing(each, OFFLINE, false));
      for (int n = 0; n < answers.size(); n++)
        successes[n / each] += config.success(answers.rewards()[n]);
    }
    return successes;
  }

  /** Expected success of each prompt of a batch. */
  double[] of(PromptBatch batch) {
    return batch.prompts().stream().mapToDouble(prompt -> tracker.value(prompt.sample())).toArray();
  }

  /**
   * Learns from answers, those of all ranks on each of them.
   *
   * @return mean share of the old values that was kept, on this rank
   */
  double learn(PromptBatch batch, ScoredRollout answers, RankSums ranks, RankShare share) {
    double[] kept = kept(batch);
    var learned = new ArrayList<double[]>();
    var said = answers.rollout().answers();
    float[] logProbs = policy.before(answers.rollout()).contiguous().toFloatArray();
    int width = answers.rollout().responseWidth();
    for (int n = 0; n < answers.size(); n++) {
      if (!answers.counted()[n]) continue;
      long sample = batch.prompts().get(n).sample();
      double success = config.success(answers.rewards()[n]);
      var belief = tracker.of(sample).belief().after(success, kept[n]);
      learned.add(row(sample, belief, said.get(n), logProbs, n * width));
    }
    double[] own = learned.stream().flatMapToDouble(Arrays::stream).toArray();
    for (double[] rows : ranks.gather(share, own)) put(rows);
    return answers.mean(kept);
  }

  private static double[] row(
      long sample, Belief belief, long[] answer, float[] logProbs, int start) {
    var row = new double[4 + 2 * answer.length];
    row[0] = sample;
    row[1] = belief.alpha();
    row[2] = belief.beta();
    row[3] = answer.length;
    for (int t = 0; t < answer.length; t++) {
      row[4 + t] = answer[t];
      row[4 + answer.length + t] = logProbs[start + t];
    }
    return row;
  }

  private void put(double[] rows) {
    for (int at = 0; at < rows.length; ) {
      int length = (int) rows[at + 3];
      var answer = new int[length];
      var logProbs = new float[length];
      for (int t = 0; t < length; t++) {
        answer[t] = (int) rows[at + 4 + t];
        logProbs[t] = (float) rows[at + 4 + length + t];
      }
      var belief = new Belief(rows[at + 1], rows[at + 2]);
      tracker.put((long) rows[at], new ValueTracker.Known(belief, answer, logProbs));
      at += 4 + 2 * length;
    }
  }

  /** By how much the policy finds the last answers more or less likely than when it gave them. */
  private double[] kept(PromptBatch batch) {
    var forgetting = new Forgetting(config.halfLife(), config.rhoMin(), config.rhoMax());
    var kept = new double[batch.size()];
    Arrays.fill(kept, forgetting.kept(0));
    var prompts = new ArrayList<long[]>();
    var answers = new ArrayList<long[]>();
    var places = new ArrayList<Integer>();
    for (int n = 0; n < kept.length; n++) {
      var known = tracker.of(batch.prompts().get(n).sample());
      if (known == null || known.answer().length == 0) continue;
      prompts.add(Arrays.stream(batch.prompts().get(n).ids()).asLongStream().toArray());
      answers.add(Arrays.stream(known.answer()).asLongStream().toArray());
      places.add(n);
    }
    if (places.isEmpty()) return kept;
    double[] changes = changes(batch, prompts, answers, places);
    for (int i = 0; i < changes.length; i++) kept[places.get(i)] = forgetting.kept(changes[i]);
    return kept;
  }

  private double[] changes(
      PromptBatch batch, List<long[]> prompts, List<long[]> answers, List<Integer> places) {
    try (var scope = TensorScope.open()) {
      var device = policy.decoder().device();
      var rollout = Rollout.given(prompts, answers, tokens.padId(), tokens.eosId(), device);
      int width = rollout.responseWidth();
      var before = new float[places.size() * width];
      for (int i = 0; i < places.size(); i++) {
        var known = tracker.of(batch.prompts().get(places.get(i)).sample()).logProbs();
        System.arraycopy(known, 0, before, i * width, known.length);
      }
      var change = policy.judged(rollout).sub(Tensor.of(before, places.size(), width).to(device));
      return PolicyMath.rowMeans(change.abs(), rollout.mask()).toDoubleArray();
    }
  }
}
