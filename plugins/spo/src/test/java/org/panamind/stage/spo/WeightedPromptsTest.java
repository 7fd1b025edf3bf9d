package org.panamind.stage.spo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.Samples;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;

class WeightedPromptsTest {
  private static final int PROMPTS = 10;
  private static final long SEED = 42;
  private final ValueTracker tracker = new ValueTracker();

  /** Values from 0.02 to 0.98. */
  private static double value(long sample) {
    return 0.02 + 0.96 * sample / (PROMPTS - 1);
  }

  private void fill() {
    for (long sample = 0; sample < PROMPTS; sample++) {
      var belief = new Belief(8 * value(sample), 8 * (1 - value(sample)));
      tracker.put(sample, new ValueTracker.Known(belief, new int[0], new float[0]));
    }
  }

  private WeightedPrompts prompts(int count, int batchSize, RankShare share) {
    var asked = Conversation.of(Message.of("user", "?"));
    Samples<Prompt> all =
        new Samples<>() {
          @Override
          public long size() {
            return count;
          }

          @Override
          public Prompt get(long index) {
            int[] ids = {1, (int) index};
            return new Prompt(ids, asked, NullNode.getInstance(), index, true);
          }
        };
    return new WeightedPrompts(all, null, tracker, batchSize, share, 0, SEED);
  }

  private static double weight(double value) {
    return Math.sqrt(value * (1 - value)) + 0.05;
  }

  @Test
  void drawsByHowUncertainAValueIs() {
    fill();
    var data = prompts(PROMPTS, 1, RankShare.ALONE);
    int draws = 20_000;
    var counts = new double[PROMPTS];
    for (int i = 0; i < draws; i++)
      counts[data.draw(new Cursor(i / 100, i % 100)).getFirst().intValue()]++;
    double all = LongStream.range(0, PROMPTS).mapToDouble(s -> weight(value(s))).sum();
    double chiSquare = 0;
    for (int s = 0; s < PROMPTS; s++) {
      double expected = draws * weight(value(s)) / all;
      chiSquare += Math.pow(counts[s] - expected, 2) / expected;
    }
    // The 0.999 quantile of 9 degrees of freedom.
    assertTrue(chiSquare < 27.9, "chi-square " + chiSquare);
  }

  @Test
  void drawsOfNeighbouringEpochsHaveNothingInCommon() {
    // Where one epoch's numbers are another's shifted, so are the prompts.
    var data = prompts(2000, 100, RankShare.ALONE);
    for (long epoch = 0; epoch < 40; epoch++) {
      var here = new HashSet<>(data.draw(new Cursor(epoch, 0)));
      for (long shift = -2; shift <= 2; shift++) {
        long by = shift;
        long same =
            data.draw(new Cursor(epoch + 1, 0)).stream().filter(s -> here.contains(s + by)).count();
        // Of 100 about 5 by chance.
        assertTrue(same < 20, "epoch " + epoch + ", " + same + " shifted by " + shift);
      }
    }
  }

  @Test
  void noneComesTwiceInABatchAndAnEpochIsAsManyAsThereAre() {
    fill();
    var data = prompts(PROMPTS, 4, RankShare.ALONE);
    assertEquals(3, data.batchesPerEpoch());
    try (var batches = data.training(Cursor.START, 2)) {
      int count = 0;
      for (var batch = batches.next(); batch.isPresent(); batch = batches.next()) {
        var samples = samples(batch.get());
        assertEquals(4, new HashSet<>(samples).size());
        assertEquals(++count < 3 ? 0 : count < 6 ? 1 : 2, batches.cursor().epoch());
      }
      assertEquals(6, count);
    }
  }

  private static List<Long> samples(PromptBatch batch) {
    return batch.prompts().stream().filter(Prompt::counts).map(Prompt::sample).toList();
  }

  @Test
  void partsOfTheRanksAreTogetherTheBatchOfOne() {
    fill();
    try (var alone = prompts(PROMPTS, 6, RankShare.ALONE).training(Cursor.START, 3);
        var first = prompts(PROMPTS, 2, new RankShare(0, 3)).training(Cursor.START, 3);
        var second = prompts(PROMPTS, 2, new RankShare(1, 3)).training(Cursor.START, 3);
        var third = prompts(PROMPTS, 2, new RankShare(2, 3)).training(Cursor.START, 3)) {
      for (var batch = alone.next(); batch.isPresent(); batch = alone.next()) {
        var together = new ArrayList<Long>();
        for (var part : List.of(first, second, third)) {
          var own = part.next().orElseThrow();
          assertEquals(batch.get().next(), own.next());
          together.addAll(samples(own));
        }
        assertEquals(samples(batch.get()), together);
      }
      assertTrue(first.next().isEmpty());
    }
  }

  @Test
  void aRankWithoutAPromptKeepsInStepWithOneThatDoesNotCount() {
    var data = prompts(2, 2, new RankShare(0, 3));
    try (var batches = data.training(Cursor.START, 1)) {
      var batch = batches.next().orElseThrow();
      assertEquals(1, batch.size());
      assertFalse(batch.prompts().getFirst().counts());
    }
  }

  @Test
  void goesOnFromAnyPlaceAsIfItHadNotStopped() {
    fill();
    var data = prompts(PROMPTS, 3, RankShare.ALONE);
    try (var whole = data.training(Cursor.START, 3)) {
      for (var batch = whole.next(); batch.isPresent(); batch = whole.next()) {
        try (var rest = data.training(whole.cursor(), 3)) {
          try (var other = data.training(whole.cursor(), 3)) {
            assertEquals(
                rest.next().map(WeightedPromptsTest::samples),
                other.next().map(WeightedPromptsTest::samples));
          }
        }
      }
    }
  }

  @Test
  void whatTheTrackerLearnsChangesTheNextBatch() {
    fill();
    var data = prompts(PROMPTS, 3, RankShare.ALONE);
    var before = new ArrayList<List<Long>>();
    for (int i = 0; i < 20; i++) before.add(data.draw(new Cursor(0, i)));
    for (long sample = 0; sample < 5; sample++)
      tracker.put(sample, new ValueTracker.Known(new Belief(0, 8), new int[0], new float[0]));
    var after = new ArrayList<List<Long>>();
    for (int i = 0; i < 20; i++) after.add(data.draw(new Cursor(0, i)));
    long low = after.stream().flatMap(List::stream).filter(s -> s < 5).count();
    assertTrue(low < before.stream().flatMap(List::stream).filter(s -> s < 5).count(), low + "");
  }
}
