package org.panamind.reward.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.panamind.stage.reward.Reply;

/** The JSON of {@link HttpReward}. */
final class ScoreMessages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ScoreMessages() {}

  static String request(List<Reply> replies) {
    var root = JSON.createObjectNode();
    var samples = root.putArray("samples");
    for (Reply reply : replies) {
      var sample = samples.addObject();
      var messages = sample.putArray("messages");
      reply.asked().messages().forEach(message -> messages.add(message.fields()));
      sample.put("response", reply.text());
      sample.put("ended", reply.ended());
      sample.set("record", reply.record());
    }
    return root.toString();
  }

  /**
   * The scores of an answer.
   *
   * @param count how many were asked for
   * @throws IllegalArgumentException if the text is no such answer; says why
   */
  static double[] scores(String text, int count) {
    JsonNode scores = tree(text).path("scores");
    if (!scores.isArray())
      throw new IllegalArgumentException("is no JSON object with a list \"scores\"");
    if (scores.size() != count)
      throw new IllegalArgumentException(
          "has %d scores for %d samples".formatted(scores.size(), count));
    var values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = scores.get(i).isNumber() ? scores.get(i).doubleValue() : Double.NaN;
      if (!Double.isFinite(values[i]))
        throw new IllegalArgumentException(
            "has the score %s for sample %d, which is no finite number"
                .formatted(scores.get(i), i));
    }
    return values;
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("is no JSON: " + e.getOriginalMessage(), e);
    }
  }
}
