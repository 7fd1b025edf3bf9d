package org.panamind.model;

import java.util.ArrayList;
import java.util.List;
import org.panamind.torch.DType;
import org.panamind.torch.Op;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * A router and its experts (Shazeer et al. 2017, arXiv:1701.06538). Tokens are sorted by expert, so
 * that each expert is one run of matrix products over adjacent rows; the only thing the host waits
 * for is the length of each run. N = B T tokens, k experts a token.
 *
 * @param gate scores experts, weight [E, C]
 */
record MixtureOfExperts(Experts config, Projection gate, List<SwiGlu> experts, List<SwiGlu> shared)
    implements FeedForward {
  private static final Op SORT = Op.of("aten::sort.stable");

  @Override
  public Tensor apply(Tensor x, Forward context) {
    var tokens = x.flatten(0, 1); // [N, C]
    var scores = gate.apply(tokens).to(DType.FLOAT32).softmax(-1); // [N, E]
    var top = scores.topk(config.perToken(), -1);
    var weights = top[0]; // [N, k]
    if (config.renormalises()) weights = weights.div(weights.sum(-1, true).add(1e-20));
    var counts = counts(top[1].view(x.size(0), -1)); // [B, E]
    if (context.training() && config.balanceWeight() > 0)
      context.balanceLosses().add(balance(scores, counts));
    var answers = answers(tokens, top[1], counts, context); // [N, k, C]
    var mixed = answers.mul(weights.unsqueeze(-1)).sum(1, false).to(x.dtype()).view(x.shape());
    for (var expert : shared) mixed = mixed.add(expert.apply(x, context));
    return mixed;
  }

  /** How often each sequence chose each expert, [B, E] int64, of choices [B, T k]. */
  private Tensor counts(Tensor chosen) {
    var ids = Torch.arange(0, config.count(), chosen.device()); // [E]
    return chosen.unsqueeze(-1).eq(ids).sum(1, false);
  }

  /**
   * What keeps experts equally busy (Fedus et al. 2022, arXiv:2101.03961, section 2.2).
   *
   * @param scores [N, E]
   * @param counts [B, E]
   */
  private Tensor balance(Tensor scores, Tensor counts) {
    long sequences = counts.size(0);
    double tokens = scores.size(0);
    double factor = config.balanceWeight() * config.count();
    return switch (config.balance()) {
      case PER_SEQUENCE -> {
        double choices = tokens / sequences * config.perToken();
        var mean = scores.view(sequences, -1, config.count()).mean(1, false); // [B, E]
        yield mean.mul(counts).sum().mul(factor / choices / sequences);
      }
      case PER_BATCH -> scores.mean(0, false).mul(counts.sum(0, false)).sum().mul(factor / tokens);
    };
  }

  /**
   * Each token's answer from each of its experts, [N, k, C].
   *
   * @param tokens [N, C]
   * @param chosen [N, k] expert of each
   * @param counts [B, E]
   */
  private Tensor answers(Tensor tokens, Tensor chosen, Tensor counts, Forward context) {
    // Stable, so that rows stand in the tokens' order and sums over them repeat bit by bit.
    var order = SORT.tensors(chosen.flatten(0, 1), true, 0, false)[1]; // [N k]
    var grouped = tokens.indexSelect(0, order.floorDivide(config.perToken())); // [N k, C]
    var parts = new ArrayList<Tensor>();
    long start = 0;
    long[] lengths = counts.sum(0, false).toLongArray();
    for (int e = 0; e < lengths.length; e++) {
      // In training an expert without tokens still gets a gradient, of zeros: ranks stay in step.
      if (lengths[e] == 0 && !context.training()) continue;
      parts.add(experts.get(e).apply(grouped.narrow(0, start, lengths[e]), context));
      start += lengths[e];
    }
    var places = Torch.arange(0, order.numel(), order.device());
    var inverse = Torch.emptyLike(order).scatter(0, order, places); // [N k]
    return Torch.cat(parts, 0).indexSelect(0, inverse).view(chosen.size(0), chosen.size(1), -1);
  }
}
