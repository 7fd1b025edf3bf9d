package org.panamind.stage.grpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.RolloutSource;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.stage.trial.StageFolder;
import org.panamind.stage.trial.TrialReward;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Groups drawn again, by a real decoder, with a reward that can be told from the answer. */
class GroupSamplingTest {
  private static final int EACH = 4;

  @TempDir Path temporary;
  private GrpoRun run;
  private PromptBatch batch;
  private TensorScope scope;
  private final List<Drawing> drawings = new ArrayList<>();

  @BeforeEach
  void open() {
    var folder = new StageFolder(temporary);
    folder.sharpWeights("full_sft", StageFolder.sizes(32));
    folder.install(new TrialReward("length", GroupSamplingTest::worth));
    var data =
        folder.data(
            StageFolder.asked("one", "1"),
            StageFolder.asked("What is two?", "2"),
            StageFolder.asked("three and more words than the others have", "3"),
            StageFolder.asked("four", "4"));
    run =
        folder.open(
            new GrpoStage(),
            Map.of(
                "data_path", data.toString(),
                "reward", "length",
                "reasoning", "0",
                "max_seq_len", "64",
                "max_gen_len", "24",
                "batch_size", "4"));
    batch = StageFolder.firstBatch(run);
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
    run.close();
  }

  private static double worth(Reply reply) {
    return reply.text().hashCode() % 1000;
  }

  /**
   * The policy's answers, of which the first so many drawings of some groups have equal rewards.
   */
  private RolloutSource flat(int times, Integer... groups) {
    return (asked, drawing) -> {
      drawings.add(drawing);
      var answers = run.policy().source().sample(asked, drawing);
      double[] rewards = answers.rewards().clone();
      for (int b = 0; b < asked.size() && drawing.attempt() < times; b++) {
        int group = batch.prompts().indexOf(asked.prompts().get(b));
        if (List.of(groups).contains(group)) Arrays.fill(rewards, b * EACH, (b + 1) * EACH, -7);
      }
      return answers.with(rewards);
    };
  }

  private GroupSampling.Drawn sample(RolloutSource source, int draws) {
    return new GroupSampling(source, EACH, draws).sample(batch);
  }

  @Test
  void drawsOnceAndKeepsWhatTeachesNothingByDefault() {
    var drawn = sample(flat(9, 1, 3), 0);
    assertEquals(1, drawings.size());
    assertEquals(0.5, drawn.degenerateShare());
    assertEquals(4 * EACH, drawn.answers().countedAnswers());
  }

  @Test
  void whatWasDrawnAgainIsMergedWithAllThatBelongsToIt() {
    var first = run.policy().source().sample(batch, Drawing.of(EACH));
    var drawn = sample(flat(2, 1, 3), 5);
    assertEquals(
        List.of(Drawing.of(EACH), new Drawing(EACH, 1, false), new Drawing(EACH, 2, false)),
        drawings);
    assertEquals(0.5, drawn.degenerateShare());
    var answers = drawn.answers();
    assertEquals(4 * EACH, answers.countedAnswers());
    assertBelongTogether(answers);
    for (int n = 0; n < 4 * EACH; n++) {
      boolean kept = n / EACH == 0 || n / EACH == 2;
      long[] before = first.rollout().answers().get(n);
      if (kept) assertArrayEquals(before, answers.rollout().answers().get(n), "answer " + n);
      assertTrue(answers.rewards()[n] != -7, "answer " + n);
    }
    assertFalse(
        Arrays.equals(first.rollout().answers().get(EACH), answers.rollout().answers().get(EACH)));
  }

  /**
   * Log-probabilities are those of the policy, prompts those of the batch, rewards the answers'.
   */
  private void assertBelongTogether(ScoredRollout answers) {
    var rollout = answers.rollout();
    try (var no = NoGrad.enter()) {
      var again = run.policy().judged(rollout);
      double error = again.sub(rollout.fullLogProbs()).abs().max().item();
      assertEquals(0, error, 1e-4);
    }
    long[] starts = rollout.firstKey().toLongArray();
    var lengths = rollout.lengths();
    for (int n = 0; n < answers.size(); n++) {
      long[] row = rollout.ids().select(0, n).toLongArray();
      var prompt = batch.prompts().get(n / EACH);
      long[] asked = Arrays.copyOfRange(row, (int) starts[n], rollout.promptWidth());
      assertArrayEquals(Arrays.stream(prompt.ids()).asLongStream().toArray(), asked);
      int[] ids = Arrays.stream(rollout.answers().get(n)).mapToInt(id -> (int) id).toArray();
      var text = run.chat().tokenizer().decode(ids, true);
      assertEquals(text.hashCode() % 1000, answers.rewards()[n], "answer " + n);
      long end = rollout.answers().get(n)[(int) lengths[n] - 1];
      assertEquals(end == run.chat().tokenizer().specialTokens().eosId(), rollout.ended().get(n));
    }
  }

  @Test
  void groupsThatStayFlatWeighNothing() {
    var drawn = sample(flat(9, 1, 3), 3);
    assertEquals(3, drawings.size());
    var answers = drawn.answers();
    assertEquals(2 * EACH, answers.countedAnswers());
    assertEquals(0.5, drawn.degenerateShare());
    float[] mask = answers.mask().toFloatArray();
    int width = answers.rollout().responseWidth();
    for (int n = 0; n < answers.size(); n++) {
      boolean counts = n / EACH == 0 || n / EACH == 2;
      assertEquals(counts, answers.counted()[n]);
      double tokens = 0;
      for (int t = 0; t < width; t++) tokens += mask[n * width + t];
      assertEquals(counts ? answers.rollout().lengths()[n] : 0, tokens);
    }
  }

  @Test
  void theLossOfABatchIsThatOfTheGroupsThatWereNotLeftOut() {
    var some = sample(flat(9, 1, 3), 1).answers();
    var rows = some.rollout().rows(0, 1, 2, 3, 8, 9, 10, 11);
    double[] rewards = new double[2 * EACH];
    System.arraycopy(some.rewards(), 0, rewards, 0, EACH);
    System.arraycopy(some.rewards(), 2 * EACH, rewards, EACH, EACH);
    var alone = ScoredRollout.of(rows, rewards, EACH);
    for (var type : LossType.values())
      assertEquals(loss(alone, type), loss(some, type), 1e-4, type.name());
  }

  private double loss(ScoredRollout answers, LossType type) {
    double[] known = GroupAdvantage.of(answers, Scale.GROUP, run.ranks());
    var advantages = Tensor.of(known, known.length, 1);
    var now = run.policy().judged(answers.rollout());
    var before = now.sub(0.1);
    var loss = new GrpoLoss(type, 0.2, 0.2, 0, 24);
    var tokens = new GrpoLoss.Tokens(now, before, now, advantages, answers.mask());
    return loss.sum(tokens, answers.countedAnswers()).item();
  }
}
