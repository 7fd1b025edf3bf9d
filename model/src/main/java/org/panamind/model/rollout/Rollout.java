package org.panamind.model.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.panamind.model.Activations;
import org.panamind.model.Decoder;
import org.panamind.model.LogProbs;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

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
 * @param lengths tokens of each answer, its end counted, N; known without waiting for the device
 * @param ended whether each answer came to its end, rather than being cut off
 */
public record Rollout(
    Tensor ids,
    int promptWidth,
    Tensor firstKey,
    Tensor mask,
    Tensor logProbs,
    Tensor fullLogProbs,
    long[] lengths,
    List<Boolean> ended) {
  /**
   * Answers that are known already, to be judged anew; their log-probabilities are 0.
   *
   * @param prompts of each, at least one token
   * @param answers of each, at least one token
   * @param padId fills rows up; never looked at
   * @param endId the token that ends an answer
   * @return owned by the current scope
   */
  public static Rollout given(
      List<long[]> prompts, List<long[]> answers, long padId, long endId, Device device) {
    var padded = PaddedPrompts.of(prompts, padId);
    int count = answers.size();
    int longest = answers.stream().mapToInt(answer -> answer.length).max().orElse(0);
    var ids = new long[count * longest];
    var mask = new float[count * longest];
    Arrays.fill(ids, padId);
    var ended = new ArrayList<Boolean>();
    for (int n = 0; n < count; n++) {
      long[] answer = answers.get(n);
      System.arraycopy(answer, 0, ids, n * longest, answer.length);
      Arrays.fill(mask, n * longest, n * longest + answer.length, 1);
      ended.add(answer[answer.length - 1] == endId);
    }
    var asked = Tensor.of(padded.ids(), count, padded.width());
    var said = Tensor.of(ids, count, longest);
    var none = Torch.zeros(DType.FLOAT32, device, count, longest);
    return new Rollout(
        Torch.cat(List.of(asked, said), 1).to(device),
        padded.width(),
        Tensor.of(padded.starts(), count, 1).to(device),
        Tensor.of(mask, count, longest).to(device),
        none,
        none,
        answers.stream().mapToLong(answer -> answer.length).toArray(),
        ended);
  }

  /**
   * The rows of several rollouts, those of the first first, padded to the longest prompt and
   * answer.
   *
   * @param padId as they were drawn with
   * @return owned by the current scope
   */
  public static Rollout join(List<Rollout> parts, long padId) {
    int width = parts.stream().mapToInt(Rollout::promptWidth).max().orElseThrow();
    long longest = parts.stream().mapToInt(Rollout::responseWidth).max().orElseThrow();
    var ended = new ArrayList<Boolean>();
    var padded = new ArrayList<List<Tensor>>();
    for (Rollout part : parts) {
      long before = width - part.promptWidth;
      long behind = longest - part.responseWidth();
      ended.addAll(part.ended);
      padded.add(
          List.of(
              part.ids.pad(padId, before, behind),
              part.firstKey.add(Tensor.of(new long[] {before}).to(part.ids.device())),
              part.mask.pad(0, 0, behind),
              part.logProbs.pad(0, 0, behind),
              part.fullLogProbs.pad(0, 0, behind)));
    }
    var joined = new ArrayList<Tensor>();
    for (int i = 0; i < padded.getFirst().size(); i++) {
      int field = i;
      joined.add(Torch.cat(padded.stream().map(part -> part.get(field)).toList(), 0));
    }
    return new Rollout(
        joined.get(0),
        width,
        joined.get(1),
        joined.get(2),
        joined.get(3),
        joined.get(4),
        parts.stream().flatMapToLong(part -> Arrays.stream(part.lengths)).toArray(),
        ended);
  }

  /** Some rows in the order given; owned by the current scope. */
  public Rollout rows(long... rows) {
    var index = Tensor.of(rows).to(ids.device());
    return new Rollout(
        ids.indexSelect(0, index),
        promptWidth,
        firstKey.indexSelect(0, index),
        mask.indexSelect(0, index),
        logProbs.indexSelect(0, index),
        fullLogProbs.indexSelect(0, index),
        Arrays.stream(rows).map(row -> lengths[(int) row]).toArray(),
        Arrays.stream(rows).mapToObj(row -> ended.get((int) row)).toList());
  }

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
   * @return [N, R] float32 with a gradient; 0 outside the mask, where a padding's own could be so
   *     low that its exponential is infinite
   */
  public Tensor logProbsUnder(Decoder decoder, Activations pass, double temperature) {
    var saying = pass.hidden().narrow(1, promptWidth - 1, responseWidth()); // [N, R, C]
    return LogProbs.of(saying, decoder.headWeight(), responses(), temperature).mul(mask);
  }
}
