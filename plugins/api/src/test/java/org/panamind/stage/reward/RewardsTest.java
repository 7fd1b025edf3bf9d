package org.panamind.stage.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;

class RewardsTest {
  private final List<String> opened = new ArrayList<>();
  private final List<Reply> asked = new ArrayList<>();

  @Test
  void asksOnceForEachDistinctReply() {
    var reward = open("length");

    assertArrayEquals(new double[] {2, 1, 2}, reward.score(replies("ab", "c", "ab")));
    assertArrayEquals(new double[] {1, 3}, reward.score(replies("c", "def")));

    assertEquals(replies("ab", "c", "def"), asked);
  }

  @Test
  void sumsWhatIsJoinedByPlus() {
    var reward = open("length:a+b+c+length");

    assertArrayEquals(new double[] {4}, reward.score(replies("ab")));
    assertEquals(List.of("a+b+c", ""), opened);
  }

  @Test
  void namesWhatIsInstalled() {
    var error = assertThrows(ConfigException.class, () -> open("lenght:a"));
    assertEquals(
        "--reward is lenght:a, but there is no reward lenght; did you mean length?; installed are"
            + " length, nothing",
        error.getMessage());
  }

  @Test
  void refusesAScoreThatIsNoNumber() {
    var error = assertThrows(StageException.class, () -> open("nothing").score(replies("x\ny")));
    assertEquals(
        "--reward nothing: scored NaN for the reply \"x\\ny\"; a score must be finite",
        error.getMessage());
  }

  @Test
  void refusesAnotherNumberOfScores() {
    var reward = Rewards.remembering(asked -> new double[3], "mine");
    var error = assertThrows(StageException.class, () -> reward.score(replies("x", "y")));
    assertEquals("--reward mine: gave 3 scores for 2 replies", error.getMessage());
  }

  private Reward open(String spec) {
    var installed = List.of(model("nothing", r -> Double.NaN), model("length", this::length));
    return Rewards.open(spec, installed, new RewardContext(null, null, false));
  }

  private double length(Reply reply) {
    asked.add(reply);
    return reply.text().length();
  }

  private RewardModel model(String name, ToDoubleFunction<Reply> score) {
    return new RewardModel() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String summary() {
        return "";
      }

      @Override
      public Reward open(String argument, RewardContext context) {
        opened.add(argument);
        return replies -> replies.stream().mapToDouble(score).toArray();
      }
    };
  }

  private static List<Reply> replies(String... texts) {
    var asked = Conversation.of(Message.of("user", "hi"));
    return List.of(texts).stream()
        .map(text -> new Reply(asked, text, NullNode.getInstance(), text.length(), true))
        .toList();
  }
}
