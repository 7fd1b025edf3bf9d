package org.panamind.host.chat;

import java.util.Arrays;
import java.util.function.LongPredicate;
import org.panamind.model.Decoder;
import org.panamind.model.KvCache;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;
import org.panamind.torch.DType;

/**
 * Continues one prompt after another and keeps the keys and values of the last, so that a prompt
 * which begins as the last one and its answer did costs only what is new.
 */
final class Continuation implements AutoCloseable {
  private static final int LEAST_CAPACITY = 2048;

  private final Decoder decoder;
  private KvCache cache;
  private int capacity;

  /** The ids whose keys and values the cache holds. */
  private long[] held = {};

  private int reused;

  /** Borrows the decoder. */
  Continuation(Decoder decoder) {
    this.decoder = decoder;
  }

  /**
   * Draws tokens; parameters as of {@link TextGenerator#generate(long[], int, long, Sampling,
   * LongPredicate)}.
   */
  int generate(long[] prompt, int maxNew, long endId, Sampling sampling, LongPredicate onToken) {
    int most = Math.min(prompt.length + maxNew, decoder.config().maxPositions());
    reserve(most);
    reused = common(prompt);
    cache.truncate(reused);
    held = new long[0]; // unless all goes well
    long[] ids = Arrays.copyOf(prompt, most);
    int[] end = {prompt.length};
    int count =
        new TextGenerator(decoder)
            .generate(
                prompt,
                cache,
                maxNew,
                endId,
                sampling,
                id -> {
                  ids[end[0]++] = id;
                  return onToken.test(id);
                });
    held = Arrays.copyOf(ids, (int) cache.length());
    return count;
  }

  /** How many tokens of the last prompt were not computed again. */
  int reused() {
    return reused;
  }

  /** The last token of a prompt is always computed, since it says the first of the answer. */
  private int common(long[] prompt) {
    int most = Math.min(held.length, prompt.length - 1);
    int mismatch = Arrays.mismatch(held, 0, most, prompt, 0, most);
    return mismatch < 0 ? most : mismatch;
  }

  /** Doubles, so that a long dialogue is computed anew only a few times. */
  private void reserve(int needed) {
    if (needed <= capacity) return;
    int grown = Math.max(Math.max(needed, LEAST_CAPACITY), 2 * capacity);
    close();
    capacity = Math.min(grown, decoder.config().maxPositions());
    cache = new KvCache(decoder.config(), 1, capacity, DType.FLOAT32, decoder.device());
  }

  @Override
  public void close() {
    if (cache != null) cache.close();
    cache = null;
    capacity = 0;
    held = new long[0];
  }
}
