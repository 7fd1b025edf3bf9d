package org.panamind.model.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
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

  /** What was drawn, [N, R] each. */
  private final Tensor ids;

  private final Tensor mask;
  private final Tensor logProbs;
  private final Tensor fullLogProbs;

  /** Numbers to draw by, [R, N], each row's own. */
  private final Tensor uniform;

  private int width;

  /** Of the rows that still draw: place among the N [b], where the prompt begins [b, 1] ... */
  private Tensor places;

  private Tensor firstKey;

  /** ... the last token [b, 1], whether the end has not come [b], tokens seen [b, V] or null. */
  private Tensor last;

  private Tensor going;
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
      ids = own(Torch.full(options.padId(), DType.INT64, device, n, room));
      mask = own(Torch.zeros(DType.FLOAT32, device, n, room));
      logProbs = own(Torch.zeros(DType.FLOAT32, device, n, room));
      fullLogProbs = own(Torch.zeros(DType.FLOAT32, device, n, room));
      uniform = own(uniform(seeds, options.sampling().temperature() == 0 ? 1 : room).to(device));
      places = own(Torch.arange(0, n, device));
      firstKey = own(Tensor.of(prompts.starts(), n, 1).to(device));
      last = own(Torch.zeros(DType.INT64, device, n, 1));
      going = own(Torch.ones(DType.BOOL, device, n));
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
      var hidden = t == 0 ? prefill() : decoder.hidden(last, visibleFrom(1), cache); // [b, T, C]
      var logits = decoder.logits(hidden.select(1, -1)); // [b, V]
      var draw = options.sampling().draw(logits, seen, numbers(t));
      var counts = going.to(DType.FLOAT32); // [b]
      var drawn = draw.ids().squeeze(1); // [b]
      write(ids, t, Torch.where(going, drawn, Torch.full(options.padId(), DType.INT64, device)));
      write(mask, t, counts);
      write(logProbs, t, draw.logProbs().squeeze(1).mul(counts));
      write(fullLogProbs, t, draw.fullLogProbs().squeeze(1).mul(counts));
      last.copy_(draw.ids());
      going.copy_(going.and(drawn.ne(options.endId())));
      if (seen != null) seen.scatter_(1, draw.ids(), 1);
    }
    width = t + 1;
  }

  /** [b, 1] */
  private Tensor numbers(int t) {
    long row = Math.min(t, uniform.size(0) - 1);
    return uniform.select(0, row).indexSelect(0, places).unsqueeze(1);
  }

  private Tensor prefill() {
    var table = Tensor.of(prompts.ids(), prompts.count(), prompts.width()).to(device); // [N, P]
    return decoder.hidden(table, visibleFrom(prompts.width()), cache);
  }

  /** [b, T], or null where no row is padded. */
  private Tensor visibleFrom(int count) {
    return prompts.areRagged() ? firstKey.expand(firstKey.size(0), count).contiguous() : null;
  }

  private void write(Tensor table, int t, Tensor column) {
    table.select(1, t).indexCopy_(0, places, column);
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
    try (var scope = TensorScope.open()) {
      var index = Tensor.of(kept).to(device); // [b]
      places = keep(places, index);
      firstKey = keep(firstKey, index);
      last = keep(last, index);
      going = keep(going, index);
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
    long[] lengths = mask.sum(1, false).toLongArray();
    long longest = Arrays.stream(lengths).max().orElse(width);
    var answers = ids.narrow(1, 0, longest); // [N, R]
    var table = Tensor.of(prompts.ids(), prompts.count(), prompts.width()).to(device); // [N, P]
    return new Rollout(
        Torch.cat(List.of(table, answers), 1),
        prompts.width(),
        Tensor.of(prompts.starts(), prompts.count(), 1).to(device),
        mask.narrow(1, 0, longest).copy(),
        logProbs.narrow(1, 0, longest).copy(),
        fullLogProbs.narrow(1, 0, longest).copy(),
        lengths,
        ended(answers, lengths));
  }

  private List<Boolean> ended(Tensor answers, long[] lengths) {
    long[] all = answers.contiguous().toLongArray();
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
