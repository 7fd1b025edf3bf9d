package org.panamind.stage.rl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.rows.Prompt;
import org.panamind.dataset.rows.PromptBatch;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.TensorScope;

/** What is drawn for a prompt follows from its place in the data, the seed and the weights. */
class SamplerTest {
  private static final Cursor PLACE = new Cursor(1, 12);
  private static final AnswerOptions OPTIONS =
      new AnswerOptions(24, 1, 0, 1, 0, 1, "none", false, 0, 0);

  @TempDir Path folder;
  private TensorScope scope;
  private Decoder decoder;
  private Tokenizer tokenizer;
  private final List<Reply> scored = new ArrayList<>();

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    var config = StageFolder.sizes(32);
    var file = new StageFolder(folder).sharpWeights("policy", config);
    decoder = DecoderFiles.read(file, config, Device.CPU);
    tokenizer = SavedTokenizer.load(folder.resolve("tokenizer"));
  }

  @AfterEach
  void close() {
    tokenizer.close();
    decoder.close();
    scope.close();
  }

  private Sampler sampler(long seed) {
    Reward reward =
        replies -> {
          scored.addAll(replies);
          return replies.stream().mapToDouble(reply -> reply.text().length()).toArray();
        };
    return new Sampler(decoder, tokenizer, reward, OPTIONS, DType.FLOAT32, seed);
  }

  private Prompt prompt(int sample, boolean counts) {
    var asked = Conversation.of(Message.of("user", "question " + sample));
    var ids = new int[3 + 2 * sample];
    Arrays.fill(ids, 10 + sample);
    return new Prompt(ids, asked, NullNode.getInstance(), sample, counts);
  }

  private static PromptBatch batch(Cursor next, Prompt... prompts) {
    return PromptBatch.FORM.of(List.of(prompts), 0, next);
  }

  private List<String> answers(ScoredRollout drawn) {
    return drawn.rollout().answers().stream().map(Arrays::toString).toList();
  }

  private List<String> sample(long seed, Drawing drawing, Cursor next, Prompt... prompts) {
    return answers(sampler(seed).sample(batch(next, prompts), drawing));
  }

  @Test
  void isTheSameHoweverTheBatchIsShared() {
    Prompt[] all = {prompt(0, true), prompt(1, true), prompt(2, true)};
    var together = sample(7, Drawing.of(2), PLACE, all);
    assertEquals(6, together.stream().distinct().count());
    var apart = new ArrayList<String>();
    for (Prompt each : all) apart.addAll(sample(7, Drawing.of(2), PLACE, each));
    assertEquals(together, apart);
    // More answers to a prompt begin with the same ones.
    var more = sample(7, Drawing.of(3), PLACE, all[1]);
    assertEquals(together.subList(2, 4), more.subList(0, 2));
  }

  @Test
  void isAnotherInAnotherEpochPlaceAttemptOrSeed() {
    var prompt = prompt(1, true);
    var first = sample(7, Drawing.of(1), PLACE, prompt);
    assertEquals(first, sample(7, Drawing.of(1), PLACE, prompt));
    var others =
        List.of(
            sample(7, Drawing.of(1), new Cursor(2, 12), prompt),
            sample(7, Drawing.of(1), new Cursor(1, 13), prompt),
            sample(7, new Drawing(1, 1, false), PLACE, prompt),
            sample(8, Drawing.of(1), PLACE, prompt));
    assertFalse(others.contains(first));
    assertEquals(4, others.stream().distinct().count());
  }

  @Test
  void theLikeliestAnswerIsThatOfAnySeed() {
    var prompt = prompt(2, true);
    var first = sample(7, Drawing.LIKELIEST, PLACE, prompt);
    assertEquals(first, sample(8, Drawing.LIKELIEST, new Cursor(0, 1), prompt));
  }

  @Test
  void scoresWhatCountsWithWhatItWasDrawnFor() {
    var drawn =
        sampler(7)
            .sample(
                batch(PLACE, prompt(0, true), prompt(1, false), prompt(2, true)), Drawing.of(2));
    assertArrayEquals(new boolean[] {true, true, false, false, true, true}, drawn.counted());
    assertEquals(4, scored.size());
    for (int i = 0; i < 4; i++) {
      int row = i < 2 ? i : i + 2;
      Reply reply = scored.get(i);
      assertEquals("question " + row / 2, reply.asked().messages().getFirst().content());
      long[] answer = drawn.rollout().answers().get(row);
      assertEquals(answer.length, reply.tokens());
      assertEquals(drawn.rollout().ended().get(row), reply.ended());
      int[] ids = Arrays.stream(answer).mapToInt(Math::toIntExact).toArray();
      assertEquals(tokenizer.decode(ids, true), reply.text());
      assertEquals(reply.text().length(), drawn.rewards()[row]);
    }
    assertEquals(0, drawn.rewards()[2]);
    double mean = (drawn.rewards()[0] + drawn.rewards()[1]) / 4;
    mean += (drawn.rewards()[4] + drawn.rewards()[5]) / 4;
    assertEquals(mean, drawn.meanReward(), 1e-12);
    long tokens = drawn.countedTokens();
    assertEquals(tokens, drawn.mask().sum().item());
    assertTrue(tokens < drawn.rollout().mask().sum().item());
    assertArrayEquals(new float[] {1, 1, 0, 0, 1, 1}, drawn.answerMask().toFloatArray());
  }
}
