package org.panamind.dataset.rows;

import java.util.Arrays;
import java.util.List;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.order.Cursor;

/**
 * B prompts padded on the left to P tokens, so that all end where sampling begins.
 *
 * @param ids tokens, [B, P] row-major
 * @param mask 1 for a token, 0 for padding, [B, P] row-major
 * @param length P
 * @param prompts what the rows were made of, B
 * @param next where the data goes on after this batch
 */
public record PromptBatch(long[] ids, long[] mask, int length, List<Prompt> prompts, Cursor next) {
  /** How prompts are put side by side. */
  public static final BatchForm<Prompt, PromptBatch> FORM =
      new BatchForm<>() {
        @Override
        public PromptBatch of(List<Prompt> prompts, int padId, Cursor next) {
          int length = prompts.stream().mapToInt(p -> p.ids().length).max().orElseThrow();
          long[] ids = new long[Math.multiplyExact(prompts.size(), length)];
          long[] mask = new long[ids.length];
          Arrays.fill(ids, padId);
          for (int b = 0; b < prompts.size(); b++) {
            int[] own = prompts.get(b).ids();
            int start = (b + 1) * length - own.length;
            for (int t = 0; t < own.length; t++) {
              ids[start + t] = own[t];
              mask[start + t] = 1;
            }
          }
          return new PromptBatch(ids, mask, length, prompts, next);
        }

        @Override
        public Prompt ignored(Prompt prompt) {
          return new Prompt(
              prompt.ids(), prompt.conversation(), prompt.record(), prompt.sample(), false);
        }
      };

  /** B. */
  public int size() {
    return prompts.size();
  }
}
