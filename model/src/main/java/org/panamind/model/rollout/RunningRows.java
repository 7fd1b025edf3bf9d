package org.panamind.model.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.panamind.model.Decoder;
import org.panamind.model.KvCache;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * The rows of a batch that still draw, b of N, and all that was drawn so far. What one step needs
 * of the step before is written in place, so that each step's own tensors are freed at its end.
 */
final class RunningRows implements AutoCloseable {
  private final Decoder decoder;
  private final Device device;
  private final PaddedPrompts prompts;
  private final RolloutOptions options;
  private final KvCache cache;
  private final List<Tensor> owned = new ArrayList<>();

  /** What was drawn, [R, N] each; of no meaning behind a row's end. The last may be the second. */
  private final Tensor ids;

  private final Tensor logProbs;
  private final Tensor fullLogProbs;

  /** Tokens of the rows that have left the batch, [N] int64. */
  private final Tensor lengths;

  /** Numbers to draw by, [R, N], each row's own. */
  private final Tensor uniform;

  /** Of the rows that still draw: place among the N [b], where the prompt begins [b, 1] ... */
  private Tensor places;

  private Tensor firstKey;

  /** ... the last token [b, 1], whether the end has not come [b], tokens so far [b] int64 ... */
  private Tensor last;

  private Tensor going;
  private Tensor drawn;

  /** ... and tokens seen [b, V], or null. */
  private Tensor seen;

  RunningRows(
      Decoder decoder,
      PaddedPrompts prompts,
      long[] seeds,
      RolloutOptions options,
      int room,
      DType type) {
    this.decoder = decoder;
    this.device = decoder.device();
    this.prompts = prompts;
    this.options = options;
    int n = prompts.count();
    cache = new KvCache(decoder.config(), n, prompts.width() + room, type, device);
    try (var scope = TensorScope.open()) {
      ids = own(Torch.empty(DType.INT64, device, room, n));
      logProbs = own(Torch.empty(DType.FLOAT32, device, room, n));
      boolean same = !options.sampling().narrows();
      fullLogProbs = same ? logProbs : own(Torch.empty(DType.FLOAT32, device, room, n));
      lengths = own(Torch.empty(DType.INT64, device, n));
      uniform = own(uniform(seeds, options.sampling().temperature() == 0 ? 1 : room).to(device));
      places = own(Torch.arange(0, n, device));
      firstKey = own(Tensor.of(prompts.starts(), n, 1).to(device));
      last = own(Torch.zeros(DType.INT64, device, n, 1));
      going = own(Torch.ones(DType.BOOL, device, n));
      drawn = own(Torch.zeros(DType.INT64, device, n));
      seen = options.sampling().looksBack() ? own(seenInPrompts()) : null;
    }
  }

  private static Tensor uniform(long[] seeds, int room) {
    var numbers = new float[Math.multiplyExact(room, seeds.length)];
    for (int n = 0; n < seeds.length; n++) {
      var random = new SplittableRandom(seeds[n]);
      for (int t = 0; t < room; t++) numbers[t * seeds.length + n] = (float) random.nextDouble();
    }
    return Tensor.of(numbers, room, seeds.length);
  }

  private Tensor seenInPrompts() {
    var given = Tensor.of(prompts.withoutPadding(), prompts.count(), prompts.width()).to(device);
    long v = decoder.config().vocabSize();
    return Torch.zeros(DType.BOOL, device, prompts.count(), v).scatter_(1, given, 1);
  }

  private Tensor own(Tensor tensor) {
    owned.add(tensor.keepForever());
    return tensor;
  }

  /** Draws each row's token number {@code t}. */
  void draw(int t) {
    try (var scope = TensorScope.open()) {
      var logits = decoder.logits(t == 0 ? prefill() : next()); // [b, V]
      var draw = options.sampling().draw(logits, seen, numbers(t));
      write(ids, t, draw.ids());
      write(logProbs, t, draw.logProbs());
      if (fullLogProbs != logProbs) write(fullLogProbs, t, draw.fullLogProbs());
      drawn.add_(going);
      last.copy_(draw.ids());
      going.mul_(draw.ids().squeeze(1).ne(options.endId()));
      if (seen != null) seen.scatter_(1, draw.ids(), 1);
    }
  }

  /** [b, 1] */
  private Tensor numbers(int t) {
    long row = Math.min(t, uniform.size(0) - 1);
    return uniform.select(0, row).indexSelect(0, places).unsqueeze(1);
  }

  /** Hidden state behind the last token, [b, C]. */
  private Tensor next() {
    var visibleFrom = prompts.areRagged() ? firstKey : null; // [b, 1]
    return decoder.hidden(last, visibleFrom, cache).select(1, -1);
  }

  /** The same behind the prompts, [N, C]; of several answers to one prompt, it is read once. */
  private Tensor prefill() {
    var distinct = prompts.distinct();
    var once = distinct.prompts();
    int count = once.count(); // D
    cache.keepRows(LongStream.range(0, count).toArray());
    var visibleFrom =
        prompts.areRagged()
            ? Tensor.of(once.starts(), count, 1).to(device).expand(count, once.width()).contiguous()
            : null; // [D, P]
    var hidden = decoder.hidden(once.table(device), visibleFrom, cache).select(1, -1); // [D, C]
    if (count == prompts.count()) return hidden;
    cache.spreadRows(distinct.of());
    return hidden.indexSelect(0, Tensor.of(distinct.of()).to(device));
  }

  private void write(Tensor table, int t, Tensor column) {
    table.select(0, t).indexCopy_(0, places, column.squeeze(1));
  }

  /**
   * Takes the rows that have ended out of the batch.
   *
   * @return whether any is left
   */
  boolean dropEnded() {
    long[] kept = fillGaps(going.toLongArray());
    if (kept.length == going.size(0)) return true;
    cache.keepRows(kept);
    lengths.indexCopy_(0, places, drawn);
    try (var scope = TensorScope.open()) {
      var index = Tensor.of(kept).to(device); // [b]
      places = keep(places, index);
      firstKey = keep(firstKey, index);
      last = keep(last, index);
      going = keep(going, index);
      drawn = keep(drawn, index);
      if (seen != null) seen = keep(seen, index);
    }
    return kept.length > 0;
  }

  /** Rows that go on, in their places where they can be, else in those of rows that ended. */
  private static long[] fillGaps(long[] going) {
    int end = going.length;
    var kept = new long[end];
    int count = 0;
    while (count < end) {
      if (going[count] != 0) {
        kept[count] = count++;
      } else if (going[--end] != 0) {
        kept[count++] = end;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  private Tensor keep(Tensor state, Tensor index) {
    var chosen = own(state.indexSelect(0, index));
    owned.remove(state);
    state.close();
    return chosen;
  }

  /** All that was drawn, cut to the longest answer; owned by the current scope. */
  Rollout rollout() {
    lengths.indexCopy_(0, places, drawn);
    long[] counts = lengths.toLongArray();
    long longest = Arrays.stream(counts).max().orElse(0);
    var inside = Torch.arange(0, longest, device).lt(lengths.unsqueeze(1)); // [N, R]
    var answers = within(inside, ids, options.padId());
    return new Rollout(
        Torch.cat(List.of(prompts.table(device), answers), 1),
        prompts.width(),
        Tensor.of(prompts.starts(), prompts.count(), 1).to(device),
        inside.to(DType.FLOAT32),
        within(inside, logProbs, 0),
        within(inside, fullLogProbs, 0),
        counts,
        ended(answers, counts));
  }

  /** What a table [R, N] holds of the answers, as [N, R]. */
  private static Tensor within(Tensor inside, Tensor table, double other) {
    var held = table.narrow(0, 0, inside.size(1)).transpose(0, 1);
    return held.maskedFill(inside.not(), other).contiguous();
  }

  private List<Boolean> ended(Tensor answers, long[] lengths) {
    long[] all = answers.toLongArray();
    int longest = all.length / lengths.length;
    var ended = new ArrayList<Boolean>();
    for (int n = 0; n < lengths.length; n++)
      ended.add(all[n * longest + (int) lengths[n] - 1] == options.endId());
    return List.copyOf(ended);
  }

  @Override
  public void close() {
    cache.close();
    owned.forEach(Tensor::close);
  }
}
