package org.panamind.model.rollout;

import java.util.Arrays;
import java.util.List;
import org.panamind.model.ModelConfigException;

/**
 * Prompts of several lengths in one table.
 *
 * @param ids [N, P] row-major, padded on the left
 * @param starts where each prompt begins
 * @param width P, the longest
 */
record PaddedPrompts(long[] ids, long[] starts, int width) {
  static PaddedPrompts of(List<long[]> prompts, long padId) {
    int width = prompts.stream().mapToInt(p -> p.length).max().orElse(0);
    var ids = new long[Math.multiplyExact(prompts.size(), width)];
    var starts = new long[prompts.size()];
    Arrays.fill(ids, padId);
    for (int n = 0; n < starts.length; n++) {
      long[] prompt = prompts.get(n);
      if (prompt.length == 0)
        throw new ModelConfigException("prompt " + (n + 1) + " of " + starts.length + " is empty");
      starts[n] = width - prompt.length;
      System.arraycopy(prompt, 0, ids, (n + 1) * width - prompt.length, prompt.length);
    }
    if (starts.length == 0) throw new ModelConfigException("there is no prompt");
    return new PaddedPrompts(ids, starts, width);
  }

  int count() {
    return starts.length;
  }

  boolean areRagged() {
    return Arrays.stream(starts).anyMatch(start -> start > 0);
  }

  /** The table with the prompt's own first token in place of padding. */
  long[] withoutPadding() {
    var own = ids.clone();
    for (int n = 0; n < starts.length; n++) {
      int row = n * width;
      Arrays.fill(own, row, row + (int) starts[n], ids[row + (int) starts[n]]);
    }
    return own;
  }
}
