package org.panamind.model.rollout;

import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.panamind.model.ModelConfigException;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;

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

  /**
   * Each prompt once.
   *
   * @param prompts D of them, in the order in which they first stand
   * @param of which of them each of the N is
   */
  record Distinct(PaddedPrompts prompts, long[] of) {}

  Distinct distinct() {
    var found = new LinkedHashMap<List<Object>, Integer>();
    var of = new long[count()];
    for (int n = 0; n < of.length; n++) {
      var prompt = List.<Object>of(starts[n], LongBuffer.wrap(ids, n * width, width));
      found.putIfAbsent(prompt, found.size());
      of[n] = found.get(prompt);
    }
    var once = LongBuffer.allocate(found.size() * width);
    found.keySet().forEach(prompt -> once.put((LongBuffer) prompt.get(1)));
    var begins = found.keySet().stream().mapToLong(prompt -> (long) prompt.get(0)).toArray();
    return new Distinct(new PaddedPrompts(once.array(), begins, width), of);
  }

  int count() {
    return starts.length;
  }

  /** [N, P] int64, owned by the current scope. */
  Tensor table(Device device) {
    return Tensor.of(ids, count(), width).to(device);
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
