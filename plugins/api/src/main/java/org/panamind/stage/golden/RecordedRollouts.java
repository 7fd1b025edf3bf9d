package org.panamind.stage.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.model.rollout.Rollout;
import org.panamind.stage.rl.Drawing;
import org.panamind.stage.rl.RolloutSource;
import org.panamind.stage.rl.ScoredRollout;
import org.panamind.torch.Device;

/**
 * Answers and rewards as golden cases write them: {@code sequences} [steps, N, P + R], {@code
 * rewards} [steps, N], {@code prompt_len} P. Log-probabilities are not recorded and are 0.
 */
public final class RecordedRollouts implements RolloutSource {
  private final JsonNode expected;
  private final Device device;
  private final long endId;

  /** Those of a case. */
  public RecordedRollouts(GoldenCase golden, Device device) {
    this.expected = golden.expected();
    this.device = device;
    this.endId = expected.get("config").get("eos_token_id").asLong();
  }

  /**
   * A batch for each step.
   *
   * @param each answers to each prompt, as recorded
   */
  public RecordedBatches<PromptBatch> batches(int each) {
    JsonNode steps = expected.get("sequences");
    int width = expected.get("prompt_len").asInt();
    var asked = Conversation.of(Message.of("user", "recorded"));
    var batches = new ArrayList<PromptBatch>();
    for (int step = 0; step < steps.size(); step++) {
      var prompts = new ArrayList<Prompt>();
      for (int n = 0; n < steps.get(step).size(); n += each) {
        JsonNode row = steps.get(step).get(n);
        int[] ids = IntStream.range(0, width).map(t -> row.get(t).asInt()).toArray();
        prompts.add(new Prompt(ids, asked, NullNode.getInstance(), step, true));
      }
      var next = RecordedBatches.cursorAfter(step, steps.size());
      batches.add(PromptBatch.FORM.of(prompts, 0, next));
    }
    return new RecordedBatches<>(batches);
  }

  @Override
  public ScoredRollout sample(PromptBatch batch, Drawing drawing) {
    int step = Math.toIntExact(batch.prompts().getFirst().sample());
    JsonNode rows = expected.get("sequences").get(step);
    JsonNode scores = expected.get("rewards").get(step);
    var rewards = IntStream.range(0, scores.size()).mapToDouble(n -> scores.get(n).asDouble());
    return ScoredRollout.of(rollout(rows), rewards.toArray(), drawing.each());
  }

  private Rollout rollout(JsonNode rows) {
    int width = expected.get("prompt_len").asInt();
    var prompts = new ArrayList<long[]>();
    var answers = new ArrayList<long[]>();
    for (JsonNode row : rows) {
      long[] ids = IntStream.range(0, row.size()).mapToLong(t -> row.get(t).asLong()).toArray();
      int end = width;
      while (end < ids.length - 1 && ids[end] != endId) end++;
      prompts.add(Arrays.copyOf(ids, width));
      answers.add(Arrays.copyOfRange(ids, width, end + 1));
    }
    return Rollout.given(prompts, answers, 0, endId, device);
  }
}
