package org.panamind.model.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.panamind.model.Activations;
import org.panamind.model.Decoder;
import org.panamind.model.LogProbs;
import org.panamind.torch.Tensor;

/**
 * Answers to N prompts, of at most R tokens. Tensors lie on the decoder's device and are owned by
 * the scope in which they were made.
 *
 * @param ids [N, P + R] int64: prompts padded on the left to P, then answers padded on the right
 * @param promptWidth P
 * @param firstKey [N, 1] int64, where each prompt begins
 * @param mask [N, R] float32, 1 on what was drawn, up to and including the end
 * @param logProbs [N, R] float32 under the distribution that was drawn from; 0 outside the mask
 * @param fullLogProbs [N, R] float32 at the temperature, with no token cut or penalised: equal to
 *     {@link #logProbsUnder} the weights that drew; 0 outside the mask
 * @param ended whether each answer came to its end, rather than being cut off
 */
public record Rollout(
    Tensor ids,
    int promptWidth,
    Tensor firstKey,
    Tensor mask,
    Tensor logProbs,
    Tensor fullLogProbs,
    List<Boolean> ended) {
  /** R, the longest answer. */
  public int responseWidth() {
    return Math.toIntExact(mask.size(1));
  }

  /** The answers' part of the ids, [N, R]. */
  public Tensor responses() {
    return ids.narrow(1, promptWidth, responseWidth());
  }

  /** The first position that each token sees, [N, P + R], as {@link Decoder#forward} takes it. */
  public Tensor visibleFrom() {
    return firstKey.expand(ids.shape()).contiguous();
  }

  /** The tokens of each answer, its end included. */
  public List<long[]> answers() {
    long[] all = responses().contiguous().toLongArray();
    long[] lengths = mask.sum(1, false).toLongArray();
    var answers = new ArrayList<long[]>();
    for (int n = 0; n < lengths.length; n++) {
      int start = n * responseWidth();
      answers.add(Arrays.copyOfRange(all, start, start + (int) lengths[n]));
    }
    return answers;
  }

  /** The decoder's pass over prompts and answers, with its graph. */
  public Activations forward(Decoder decoder) {
    return decoder.forward(ids, visibleFrom(), null);
  }

  /**
   * Log-probability of each drawn token under other weights, or the same.
   *
   * @param pass of {@link #forward}
   * @param temperature divides the logits
   * @return [N, R] float32 with a gradient; outside the mask it means nothing
   */
  public Tensor logProbsUnder(Decoder decoder, Activations pass, double temperature) {
    var saying = pass.hidden().narrow(1, promptWidth - 1, responseWidth()); // [N, R, C]
    return LogProbs.of(saying, decoder.headWeight(), responses(), temperature);
  }
}
