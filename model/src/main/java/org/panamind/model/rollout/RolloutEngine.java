package org.panamind.model.rollout;

import java.util.List;
import org.panamind.model.Decoder;
import org.panamind.model.ModelConfigException;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;

/**
 * Answers many prompts at once: prompts padded on the left, keys and values in memory taken once,
 * rows leaving the batch when they end, so that a long answer does not cost the others. A prompt
 * that stands several times is read once.
 */
public final class RolloutEngine {
  private final Decoder decoder;
  private final DType type;

  /**
   * An engine over borrowed weights.
   *
   * @param type in which matrix products run and keys and values are kept: float32 or bfloat16
   */
  public RolloutEngine(Decoder decoder, DType type) {
    this.decoder = decoder;
    this.type = type;
  }

  /**
   * Answers prompts. What a row draws depends on its prompt, its seed and the weights alone, not on
   * the rows beside it, but for rounding. Whether dropout is on is as before afterwards.
   *
   * @param prompts ids, each at least one; repeat a prompt for several answers to it
   * @param seeds of each prompt's draws
   * @return owned by the current scope
   * @throws ModelConfigException if a prompt is empty, or the longest leaves no room for an answer
   */
  public Rollout generate(List<long[]> prompts, long[] seeds, RolloutOptions options) {
    var padded = PaddedPrompts.of(prompts, options.padId());
    if (seeds.length != padded.count())
      throw new ModelConfigException(
          "there are %d seeds for %d prompts".formatted(seeds.length, padded.count()));
    int room = decoder.config().maxPositions() - padded.width();
    if (room < 1) {
      throw new ModelConfigException(
          "a prompt of %d tokens leaves no room for an answer within max_position_embeddings %d"
              .formatted(padded.width(), decoder.config().maxPositions()));
    }
    boolean training = decoder.training();
    decoder.training(false);
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var rollout = run(padded, seeds, options, Math.min(room, options.maxNew()));
      scope.keep(rollout.ids());
      scope.keep(rollout.firstKey());
      scope.keep(rollout.mask());
      scope.keep(rollout.logProbs());
      scope.keep(rollout.fullLogProbs());
      return rollout;
    } finally {
      decoder.training(training);
    }
  }

  private Rollout run(PaddedPrompts prompts, long[] seeds, RolloutOptions options, int room) {
    if (type == DType.FLOAT32) return answers(prompts, seeds, options, room);
    try (var cast = Autocast.enter(decoder.device(), type)) {
      return answers(prompts, seeds, options, room);
    }
  }

  private Rollout answers(PaddedPrompts prompts, long[] seeds, RolloutOptions options, int room) {
    try (var rows = new RunningRows(decoder, prompts, seeds, options, room, type)) {
      int drawn = 0;
      do {
        rows.draw(drawn++);
      } while (drawn < room && (drawn % options.stopEvery() != 0 || rows.dropEnded()));
      return rows.rollout();
    }
  }
}
