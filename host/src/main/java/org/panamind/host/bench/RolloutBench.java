package org.panamind.host.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.panamind.stage.Console;

/**
 * Tokens a second of rollouts, of several prompts together: the engine that reinforcement learning
 * uses, a plain loop that computes the whole text again for each token, and MiniMind. The loop
 * takes many times as long and is run once.
 *
 * @param own the engine and the plain loop
 * @param other MiniMind, or null
 * @param rounds repetitions of the engine and of MiniMind, which take turns
 */
record RolloutBench(OwnContender own, Contender other, int rounds) {
  private static final int[] BATCHES = {1, 8, 32};
  private static final int PROMPT = 32;

  /**
   * Prints a line for each batch size.
   *
   * @param fresh tokens drawn for each prompt
   */
  void run(Console console, int fresh) {
    for (int rows : BATCHES) {
      List<DoubleSupplier> sides = new ArrayList<>();
      sides.add(() -> own.rollout(rows, PROMPT, fresh));
      if (other != null) sides.add(() -> other.rollout(rows, PROMPT, fresh));
      double[] seconds = SideBySide.medians(rounds, sides);
      double tokens = (double) rows * fresh;
      var line = new StringBuilder();
      line.append(
          String.format(
              Locale.ROOT,
              "rollout, batch %d, %d tokens behind %d: %,.1f tokens/s",
              rows,
              fresh,
              PROMPT,
              tokens / seconds[0]));
      double again = own.recompute(rows, PROMPT, fresh);
      line.append(beside("no cache", tokens, again, seconds[0]));
      if (other != null) line.append(beside("MiniMind", tokens, seconds[1], seconds[0]));
      console.info(line.toString());
    }
  }

  private static String beside(String name, double tokens, double seconds, double own) {
    return String.format(
        Locale.ROOT, "; %s %,.1f tokens/s, ratio %.2f", name, tokens / seconds, seconds / own);
  }
}
