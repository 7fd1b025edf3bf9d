package org.panamind.stage.spo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each prompt is worth, learned from one answer at a time (arXiv:2509.13232, section 3.2), and
 * the answer before, by which it is told how much the policy has changed since. The same on all
 * ranks.
 */
final class ValueTracker {
  private static final double UNKNOWN = 0.5;

  /**
   * What is known of one prompt.
   *
   * @param belief in its answers' reward
   * @param answer the last one's tokens
   * @param logProbs of these tokens when they were drawn
   */
  record Known(Belief belief, int[] answer, float[] logProbs) {}

  private final TreeMap<Long, Known> prompts = new TreeMap<>();

  /** What is known of a prompt, or null. */
  Known of(long sample) {
    return prompts.get(sample);
  }

  /** Expected reward of an answer to a prompt; one half of one never met. */
  double value(long sample) {
    var known = prompts.get(sample);
    return known == null ? UNKNOWN : known.belief.value();
  }

  void put(long sample, Known known) {
    prompts.put(sample, known);
  }

  /** All of it as text. */
  String text() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      for (Map.Entry<Long, Known> entry : prompts.entrySet()) {
        var known = entry.getValue();
        out.writeLong(entry.getKey());
        out.writeDouble(known.belief.alpha());
        out.writeDouble(known.belief.beta());
        out.writeInt(known.answer.length);
        for (int id : known.answer) out.writeInt(id);
        for (float logProb : known.logProbs) out.writeFloat(logProb);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  /** Takes what {@link #text} gave in place of what is known. */
  void read(String text) {
    prompts.clear();
    var bytes = new ByteArrayInputStream(Base64.getDecoder().decode(text));
    try (var in = new DataInputStream(bytes)) {
      while (bytes.available() > 0) {
        long sample = in.readLong();
        var belief = new Belief(in.readDouble(), in.readDouble());
        var answer = new int[in.readInt()];
        for (int t = 0; t < answer.length; t++) answer[t] = in.readInt();
        var logProbs = new float[answer.length];
        for (int t = 0; t < logProbs.length; t++) logProbs[t] = in.readFloat();
        prompts.put(sample, new Known(belief, answer, logProbs));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
