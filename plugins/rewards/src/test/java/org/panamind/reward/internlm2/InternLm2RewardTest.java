package org.panamind.reward.internlm2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.model.weights.WeightException;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;
import org.panamind.torch.Device;

class InternLm2RewardTest {
  private static final double CLOSE = 1e-4;
  private static final String REASONED = "<think>\nhm\n</think>\n<answer>\n 7 \n</answer>";

  private static final Conversation ASKED =
      Conversation.of(
          Message.of("system", "Be brief."),
          Message.of("user", "3 + 4?"),
          Message.of("assistant", "什么？"),
          Message.of("user", "3 + 4?"));

  @TempDir Path folder;

  @Test
  void scoresAsThePlainComputationDoes() throws IOException {
    var plain = new RewardFolder(folder).asSafetensors();
    assertScores(plain, "7", "It is 7. ".repeat(9), "<|im_end|>\n<s> 🙂", "");
  }

  @Test
  void readsHalfPrecisionInSeveralBinFiles() throws IOException {
    var plain = new RewardFolder(folder).asBinParts();
    assertScores(plain, "7", "seven", "");
  }

  @Test
  void theOtherRepliesOfABatchDoNotMatter() throws IOException {
    new RewardFolder(folder).asSafetensors();
    var texts = IntStream.range(0, 60).mapToObj(i -> "x".repeat(i * 37 % 300)).toList();
    try (var reward = open(false)) {
      var together = reward.score(texts.stream().map(InternLm2RewardTest::reply).toList());
      for (int i = 0; i < texts.size(); i++)
        assertEquals(reward.score(List.of(reply(texts.get(i))))[0], together[i], 1e-5);
    }
  }

  @Test
  void aScoreIsClippedAtThree() throws IOException {
    for (float factor : new float[] {1e4f, -1e4f}) {
      var files = new RewardFolder(folder);
      files.scaleHead(factor);
      double unclipped = of(files.asSafetensors(), "7");
      assertTrue(Math.abs(unclipped) > 3);
      try (var reward = open(false)) {
        assertArrayEquals(new double[] {3 * Math.signum(unclipped)}, reward.score(replies("7")));
      }
    }
  }

  @Test
  void ofReasonedRepliesTheAnswerCountsMore() throws IOException {
    var plain = new RewardFolder(folder).asSafetensors();
    double whole = of(plain, REASONED);
    double answer = of(plain, "7");
    try (var reasoning = open(true);
        var not = open(false)) {
      assertArrayEquals(
          new double[] {of(plain, "8"), 0.4 * whole + 0.6 * answer},
          reasoning.score(replies("8", REASONED)),
          CLOSE);
      assertArrayEquals(new double[] {whole}, not.score(replies(REASONED)), CLOSE);
    }
  }

  @Test
  void namesTheFolderThatIsNotThere() {
    for (String argument : List.of("", folder + "/none")) {
      var error = assertThrows(ConfigException.class, () -> open(argument));
      assertEquals(
          "--reward is internlm2:%s, must be internlm2: and a model's folder: there is no such folder"
              .formatted(argument),
          error.getMessage());
    }
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    var error = assertThrows(StageException.class, () -> open(false));
    assertEquals(65, error.exitCode());
    assertEquals(
        "--reward internlm2:%s: the folder has no config.json and no tokenizer.model; copy the"
                .formatted(folder)
            + " model's whole folder",
        error.getMessage());
    var files = new RewardFolder(folder);
    var weights = assertThrows(WeightException.class, () -> open(false));
    assertTrue(weights.getMessage().contains("has none of model.safetensors"));
    files.asSafetensors();
    Files.delete(folder.resolve("tokenizer_config.json"));
    var marker = assertThrows(DataException.class, () -> open(false));
    assertTrue(
        marker.getMessage().startsWith(folder + ": no <|im_start|> in tokenizer_config.json"),
        marker::getMessage);
  }

  @Test
  void aReplyThatTheModelCannotTakeIsAnError() throws IOException {
    new RewardFolder(folder).asSafetensors();
    try (var reward = open(false)) {
      reward.score(replies("x".repeat(400)));
      var error = assertThrows(StageException.class, () -> reward.score(replies("x".repeat(512))));
      assertTrue(error.getMessage().contains("tokens of the reward model, which takes 512;"));
    }
  }

  @Test
  void markersMayStandInAddedTokens() throws IOException {
    var plain = new RewardFolder(folder).asSafetensors();
    Files.delete(folder.resolve("tokenizer_config.json"));
    Files.writeString(
        folder.resolve("added_tokens.json"),
        "{\"<|im_start|>\": %d, \"<|im_end|>\": %d}"
            .formatted(RewardFolder.START, RewardFolder.END));
    assertScores(plain, "7");
  }

  @Test
  void idsThatTheModelHasNotAreRefused() throws IOException {
    var files = new RewardFolder(folder);
    files.asSafetensors();
    files.config.remove("reward_token_id");
    files.writeConfig();
    var error = assertThrows(DataException.class, () -> open(false));
    assertTrue(
        error.getMessage().contains("vocab_size is 264, but the tokenizer has the id 92527"),
        error::getMessage);
  }

  private void assertScores(PlainInternLm2 plain, String... texts) {
    double[] expected = Arrays.stream(texts).mapToDouble(text -> of(plain, text)).toArray();
    assertEquals(texts.length, Arrays.stream(expected).distinct().count());
    try (var reward = open(false)) {
      assertArrayEquals(expected, reward.score(replies(texts)), CLOSE);
    }
  }

  private Reward open(boolean reasoning) {
    var context = new RewardContext(null, Device.CPU, reasoning);
    return new InternLm2Reward().open(folder.toString(), context);
  }

  private void open(String argument) {
    new InternLm2Reward().open(argument, new RewardContext(null, Device.CPU, false)).close();
  }

  private static List<Reply> replies(String... texts) {
    return Arrays.stream(texts).map(InternLm2RewardTest::reply).toList();
  }

  private static Reply reply(String text) {
    return new Reply(ASKED, text, NullNode.getInstance(), 1, true);
  }

  /** The unclipped score of a reply, by plain loops. */
  private static double of(PlainInternLm2 plain, String reply) {
    var ids = IntStream.builder().add(1);
    for (var message : ASKED.messages()) add(ids, message.role() + "\n" + message.content());
    add(ids, "assistant\n" + reply);
    return plain.score(ids.add(RewardFolder.REWARD).build().toArray());
  }

  private static void add(IntStream.Builder ids, String turn) {
    ids.add(RewardFolder.START);
    for (byte value : turn.getBytes(StandardCharsets.UTF_8))
      ids.add(value == ' ' ? RewardFolder.SPACE : RewardFolder.BYTES + (value & 0xFF));
    ids.add(RewardFolder.END).add(RewardFolder.BYTES + '\n');
  }
}
