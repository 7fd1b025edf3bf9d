package org.panamind.reward.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;

class RulesRewardTest {
  private static final String REASONED = "<think>\n3 and 4\n</think>\n<answer>\n7\n</answer>";

  @Test
  void exactAsksTheSamplesOwnCheck() {
    var sum = "{\"task\": \"sum\", \"answer\": \"7\"}";
    assertArrayEquals(
        new double[] {1, 1, 1, 0}, scores("", sum, "7", " 7.\n", REASONED, "It is 7"));
    assertArrayEquals(
        new double[] {1, 1, 0},
        scores("exact", "{\"task\": \"pick\", \"answer\": \"a | b\"}", "a", "b", "a | b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"answer", "ground_truth", "gt"})
  void exactComparesWithTheAnswerOfAnyOtherRecord(String field) {
    var record = "{\"task\": \"poetry\", \"%s\": \" the sea \"}".formatted(field);
    assertArrayEquals(
        new double[] {1, 1, 1, 0, 0},
        scores(
            "exact",
            record,
            "the sea\n",
            "<answer> the sea </answer> indeed",
            "<think>\nland\n</think>\n\nthe sea",
            "the sea.",
            "<answer>land</answer> the sea"));
  }

  @Test
  void aRecordWithoutAnAnswerIsAnError() {
    for (String rule : List.of("exact", "numeric")) {
      var error = assertThrows(StageException.class, () -> scores(rule, "{\"text\": \"x\"}", "7"));
      assertEquals(65, error.exitCode());
      assertEquals(
          "--reward rules: the rules exact and numeric need a string \"answer\", \"ground_truth\""
              + " or \"gt\"; the record is {\"text\":\"x\"}. Add it to the data or take other"
              + " rules",
          error.getMessage());
    }
    var error = assertThrows(StageException.class, () -> scores("numeric", "{\"gt\": \"x\"}", "7"));
    assertTrue(error.getMessage().contains("the answer \"x\" has no number"), error::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          72; so 3 * 24 = 72.; 1
          72; 72 of 90; 0
          72; 72.0; 1
          72; none; 0
          1234.5; it costs $1,234.50; 1
          '#### 1,000'; 1e3; 1
          -4; 3 - 7 = -4; 1
          -4; 3 - 7 = \u22124; 1
          4; 7-3 = 4 or 7-4; 1
          0.5; about .5; 1
          12; 答案是１２。; 1
          12; <answer>12</answer> and 13; 1
          12; 1.2; 0
          """)
  void numericComparesTheLastNumbers(String answer, String reply, double score) {
    assertEquals(score, scores("numeric", "{\"answer\": \"%s\"}".formatted(answer), reply)[0]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          <think>|a|b|</think>|<answer>|c|</answer>;       0.5; 1
          <think>|a|</think>||<answer>|c|</answer>|;       0.5; 1
          <think>|a|</think>|||<answer>|c|</answer>;       0;   1
          <think>a</think><answer>c</answer>;              0;   1
          so <think>|a|</think>|<answer>|c|</answer>;      0;   1
          <think>|a|</think>|<answer>|c|</answer></think>; 0;   0.75
          <answer>c</answer>;                              0;   0.5
          c;                                               0;   0
          """)
  void formatAndTagsAreMiniMinds(String reply, double format, double tags) {
    var text = reply.replace('|', '\n');
    assertEquals(format, scores("format", "{}", text)[0]);
    assertEquals(tags, scores("tags", "{}", text)[0]);
    assertEquals(format + tags, scores("format,tags", "{}", text)[0]);
  }

  @Test
  void lengthIsABandOfTokensWithBothEnds() {
    var reward = open("length:3-5");
    assertArrayEquals(
        new double[] {-0.5, 0.5, 0.5, -0.5},
        reward.score(List.of(reply(2, true), reply(3, true), reply(5, true), reply(6, true))));
    assertArrayEquals(
        new double[] {-0.5, 0.5}, open("length").score(List.of(reply(19, true), reply(800, true))));
  }

  @Test
  void endedTellsAReplyFromOneThatWasCutOff() {
    assertArrayEquals(
        new double[] {1, 0}, open("ended").score(List.of(reply(2, true), reply(2, false))));
  }

  @Test
  void repetitionPenalisesLoopsOfEveryScript() {
    var prose =
        "Reinforcement learning improves a policy by what its own samples earned. A reward that can"
            + " be had by saying the same again will be had that way, so the loop has to cost"
            + " more.";
    var chinese = "强化学习让模型从自己的回答里学习。奖励高的回答会变得更常见，奖励低的回答会变得少见，因此奖励不能被重复的话骗到。";
    double[] scores =
        scores(
            "repetition",
            "{}",
            "我喜欢吃苹果和香蕉".repeat(27).substring(0, 240),
            "🙂🙃".repeat(40),
            "the cat sat. ".repeat(20),
            "!".repeat(100),
            prose,
            chinese,
            "short",
            "");
    assertArrayEquals(new double[] {-0.5, -0.5, -0.5, -0.5}, Arrays.copyOf(scores, 4));
    assertArrayEquals(new double[] {0, 0, 0, 0}, Arrays.copyOfRange(scores, 4, 8), 0.02);
  }

  @Test
  void repetitionIsTheShareOfWhatOccurredBefore() {
    // aba bab aba bab aba: 2 of 5 are new, so 0.6, which is capped; abcab has 1 of 3 twos again.
    assertArrayEquals(
        new double[] {-0.5, -1 / 4.0}, scores("repetition:2", "{}", "abababa", "abcab"), 1e-12);
  }

  @Test
  void weighsAndSums() {
    var record = "{\"answer\": \"7\"}";
    assertArrayEquals(
        new double[] {2 + 0.25 + 1, 2, 0},
        scores(" exact=2 , format=0.5,tags", record, REASONED, "7", "8"),
        1e-12);
    assertArrayEquals(new double[] {-1}, scores("length:90-99=2", record, "7"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          exakt | there is no rule "exakt"; did you mean exact?
          exact, | there is no rule ""; rules are exact, numeric, format
          exact= | the weight of exact is "", must be a number
          exact=0 | the weight of exact is "0", must be a number
          exact=NaN | the weight of exact is "NaN", must be a number
          exact:3 | the rule exact has no parameter
          length:20 | the band of length is "20", must be from fewest to most tokens
          length:9-2 | the band of length is "9-2", must be
          repetition:0 | the n-gram of repetition is "0", must be
          """)
  void namesWhatIsWrongWithTheList(String argument, String said) {
    var error = assertThrows(ConfigException.class, () -> open(argument));
    var start = "--reward rules:" + argument + ": " + said;
    assertTrue(error.getMessage().startsWith(start), error::getMessage);
  }

  private static double[] scores(String rules, String record, String... replies) {
    return open(rules)
        .score(Arrays.stream(replies).map(text -> reply(record, text, 9, true)).toList());
  }

  private static Reward open(String rules) {
    return new RulesReward().open(rules, new RewardContext(null, null, false));
  }

  private static Reply reply(int tokens, boolean ended) {
    return reply("{}", "text", tokens, ended);
  }

  private static Reply reply(String record, String text, int tokens, boolean ended) {
    try {
      var asked = Conversation.of(Message.of("user", "what?"));
      return new Reply(asked, text, new ObjectMapper().readTree(record), tokens, ended);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
