package org.panamind.stage.rl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.stage.ConfigException;

class AnswerOptionsTest {
  private static AnswerOptions scoredBy(String reward, boolean reasoning) {
    return new AnswerOptions(24, 1, 0, 1, 0, 1, reward, reasoning, 0, 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "internlm2:../model | internlm2:../model+rules:format,tags",
        "http://localhost/rules:1 | http://localhost/rules:1+rules:format,tags",
        "rules | rules",
        "rules:exact | rules:exact",
        "internlm2:x+rules:tags | internlm2:x+rules:tags",
        "rules+internlm2:x | rules+internlm2:x"
      })
  void reasoningAddsTheRewardOfItsFormWhereNoRulesAreGiven(String reward, String all) {
    assertEquals(all, scoredBy(reward, true).rewards());
    assertEquals(reward, scoredBy(reward, false).rewards());
  }

  @Test
  void withoutARewardItSaysWhatThereIs() {
    var error = assertThrows(ConfigException.class, () -> scoredBy(null, true).rewards());
    assertEquals(
        "--reward is none; say what scores answers, for example rules:exact, internlm2:FOLDER or a"
            + " URL",
        error.getMessage());
  }
}
