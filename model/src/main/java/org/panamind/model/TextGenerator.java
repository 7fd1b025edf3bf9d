package org.panamind.model;

import java.util.Arrays;
import java.util.function.LongPredicate;
import org.panamind.torch.DType;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Continues a prompt token by token with a cache of keys and values. */
public final class TextGenerator {
  private final Decoder decoder;

  /** A generator over borrowed weights. */
  public TextGenerator(Decoder decoder) {
    this.decoder = decoder;
  }

  /**
   * Draws tokens until one is {@code endId}, the listener has enough, or {@code maxNew} are drawn.
   *
   * @param prompt ids, at least one
   * @param maxNew most tokens to draw; prompt and answer together are cut at the decoder's longest
   *     sequence
   * @param endId the token that ends the text; it is not reported
   * @param onToken gets each drawn token, and says whether to go on
   * @return number of tokens reported
   */
  public int generate(
      long[] prompt, int maxNew, long endId, Sampling sampling, LongPredicate onToken) {
    int room = room(prompt, maxNew);
    if (room <= 0) return 0;
    try (var cache =
        new KvCache(decoder.config(), 1, prompt.length + room, DType.FLOAT32, decoder.device())) {
      return generate(prompt, cache, room, endId, sampling, onToken);
    }
  }

  /**
   * The same with a cache that outlives the call, so that a text that begins as an earlier one did
   * costs only what is new in it.
   *
   * @param cache of one row and float32, borrowed; holds the first tokens of the prompt, not all of
   *     it. Afterwards it holds as many tokens of prompt and answer as its length says: all, or all
   *     but the last
   * @throws ModelConfigException if the cache is too small for prompt and answer
   */
  public int generate(
      long[] prompt,
      KvCache cache,
      int maxNew,
      long endId,
      Sampling sampling,
      LongPredicate onToken) {
    int room = room(prompt, maxNew);
    if (room <= 0) return 0;
    if (cache.length() >= prompt.length) {
      throw new ModelConfigException(
          "the cache holds %d tokens and leaves none of the prompt's %d to begin with"
              .formatted(cache.length(), prompt.length));
    }
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var seen = sampling.looksBack() ? seen(prompt) : null;
      long[] fresh = Arrays.copyOfRange(prompt, (int) cache.length(), prompt.length);
      long next = next(fresh, cache, sampling, seen);
      for (int count = 0; ; ) {
        if (next == endId) return count;
        count++;
        if (!onToken.test(next) || count == room) return count;
        next = next(new long[] {next}, cache, sampling, seen);
      }
    }
  }

  /** How many tokens can follow. */
  private int room(long[] prompt, int maxNew) {
    if (prompt.length == 0) throw new ModelConfigException("the prompt is empty");
    return Math.min(maxNew, decoder.config().maxPositions() - prompt.length);
  }

  /** [1, V] bool: the tokens of the prompt. */
  private Tensor seen(long[] prompt) {
    var none = Torch.zeros(DType.BOOL, decoder.device(), 1, decoder.config().vocabSize());
    var given = Tensor.of(prompt, 1, prompt.length).to(decoder.device()); // [1, T]
    return none.scatter_(1, given, 1);
  }

  /**
   * @param seen [1, V] gets the ids, or null
   */
  private long next(long[] ids, KvCache cache, Sampling sampling, Tensor seen) {
    try (var scope = TensorScope.open()) {
      var given = Tensor.of(ids, 1, ids.length).to(decoder.device()); // [1, T]
      if (seen != null) seen.scatter_(1, given, 1);
      var last = decoder.hidden(given, null, cache).select(1, -1); // [1, C]
      return sampling.draw(decoder.logits(last), seen).ids().itemLong();
    }
  }
}
