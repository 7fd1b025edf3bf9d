package org.panamind.host.train;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import org.panamind.host.ranks.OneRank;
import org.panamind.host.ranks.Ranks;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.torch.AdamW;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Gradients;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * One AdamW for each parameter group, with clipping by global norm (Pascanu et al. 2013,
 * arXiv:1211.5063) and a guard: gradients that are not finite never reach the weights.
 *
 * <p>Sharded (ZeRO stage 1: Rajbhandari et al. 2020, arXiv:1910.02054), each rank keeps the moments
 * of some parameters only, moves those, and the others receive them; AdamW treats every element
 * alone, so the result is the same, bit for bit.
 */
final class Optimizers implements AutoCloseable {
  /** As torch's clip_grad_norm_ has it. */
  private static final double CLIP_EPS = 1e-6;

  /** The moments' names in {@link AdamW#state()}. */
  private static final List<String> MOMENTS = List.of("exp_avg.", "exp_avg_sq.");

  /** A group with its parts, and the optimizer of this rank's part. */
  private record Entry(ParameterGroup group, Partition partition, AdamW optimizer) {
    Collection<Tensor> parameters() {
      return partition.all().values();
    }
  }

  /**
   * What an update did.
   *
   * @param gradNorm L2 norm before clipping, over all groups
   * @param verdict whether the weights moved
   */
  record Update(double gradNorm, Verdict verdict) {
    /** No micro-batch had anything to learn from. */
    static final Update NOTHING = new Update(0, Verdict.TAKEN);

    /** The loss was not a number. */
    static final Update REFUSED = new Update(Double.NaN, Verdict.NOT_FINITE);
  }

  private final List<Entry> entries = new ArrayList<>();
  private final double clip;
  private final Ranks ranks;
  private final int owners;
  private long steps;

  Optimizers(List<ParameterGroup> groups, double weightDecay, double clip) {
    this(groups, weightDecay, clip, new OneRank(), false);
  }

  /**
   * Optimizers whose moments start at zero.
   *
   * @param sharded whether each rank keeps a part of the moments, rather than all
   */
  Optimizers(
      List<ParameterGroup> groups, double weightDecay, double clip, Ranks ranks, boolean sharded) {
    var defaults = AdamW.Settings.DEFAULT;
    var settings =
        new AdamW.Settings(defaults.beta1(), defaults.beta2(), defaults.eps(), weightDecay);
    this.clip = clip;
    this.ranks = ranks;
    this.owners = sharded ? ranks.share().world() : 1;
    int me = sharded ? ranks.share().rank() : 0;
    try {
      for (var group : groups) {
        var partition = Partition.of(group.parameters(), owners);
        entries.add(new Entry(group, partition, new AdamW(partition.ownedBy(me), settings)));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Moves the weights by the gradients collected so far and drops those.
   *
   * @param scale makes the collected gradients those of the mean loss
   * @param isSpike says of a norm that is a number whether the weights are to stay, on all ranks
   *     alike
   */
  Update step(double learningRate, double scale, DoublePredicate isSpike) {
    double[] norms = new double[entries.size()];
    double squares = 0;
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Gradients.norm(entries.get(i).parameters(), scale);
      squares += norms[i] * norms[i];
    }
    double total = Math.sqrt(squares);
    var verdict = Verdict.NOT_FINITE;
    if (Double.isFinite(total)) verdict = isSpike.test(total) ? Verdict.SPIKE : Verdict.TAKEN;
    if (verdict == Verdict.TAKEN) {
      for (int i = 0; i < norms.length; i++) {
        double shrink = clip > 0 ? Math.min(1, clip / (norms[i] + CLIP_EPS)) : 1;
        var entry = entries.get(i);
        entry.optimizer.step(learningRate * entry.group.rate(), scale * shrink);
      }
      share();
      steps++;
    }
    clear();
    return new Update(total, verdict);
  }

  /** Hands each owner's parameters to the others. */
  private void share() {
    if (owners == 1) return;
    for (var entry : entries) {
      for (int owner = 0; owner < owners; owner++) {
        ranks.broadcast(entry.partition.ownedBy(owner).values(), owner);
      }
    }
  }

  /** Drops the collected gradients. */
  void clear() {
    for (var entry : entries) Gradients.clear(entry.parameters());
  }

  /** All parameters, each once. */
  List<Tensor> parameters() {
    return entries.stream().flatMap(entry -> entry.parameters().stream()).toList();
  }

  /** Weights by unique names; not copies. */
  Map<String, Tensor> weights() {
    var all = new LinkedHashMap<String, Tensor>();
    for (var entry : entries)
      entry.group.parameters().forEach((name, t) -> all.put(entry.group.name() + "/" + name, t));
    return all;
  }

  /** What becomes of one moment. */
  private interface MomentVisitor {
    /**
     * Visits.
     *
     * @param name unique
     * @param mine null when another rank owns it
     */
    void visit(String name, Tensor mine, Tensor parameter, int owner);
  }

  private void eachMoment(MomentVisitor visitor) {
    for (var entry : entries) {
      var own = entry.optimizer.state();
      for (var moment : MOMENTS) {
        entry
            .partition
            .all()
            .forEach(
                (name, parameter) ->
                    visitor.visit(
                        entry.group.name() + "/" + moment + name,
                        own.get(moment + name),
                        parameter,
                        entry.partition.owners().get(name)));
      }
    }
  }

  /**
   * Moments by unique names, all of them on rank 0: its own are no copies, those of others belong
   * to the current scope. Called by all ranks.
   */
  Map<String, Tensor> moments() {
    var all = new LinkedHashMap<String, Tensor>();
    eachMoment(
        (name, mine, parameter, owner) -> {
          var tensor = mine != null ? mine : Torch.emptyLike(parameter);
          if (owners > 1) ranks.broadcast(List.of(tensor), owner);
          if (mine != null) all.put(name, mine);
          else if (ranks.isFirst()) all.put(name, tensor.to(Device.CPU));
          else tensor.close();
        });
    return all;
  }

  /** Where a checkpoint's moments go; what is not this rank's goes to memory of the scope. */
  Map<String, Tensor> momentTargets() {
    var all = new LinkedHashMap<String, Tensor>();
    eachMoment(
        (name, mine, parameter, owner) ->
            all.put(
                name,
                mine != null ? mine : Torch.empty(DType.FLOAT32, Device.CPU, parameter.shape())));
    return all;
  }

  long stepCount() {
    return steps;
  }

  /** Says how many steps the moments have seen, after they were read in place. */
  void restoreStepCount(long count) {
    steps = count;
    for (var entry : entries) entry.optimizer.restore(entry.optimizer.state(), count);
  }

  @Override
  public void close() {
    entries.forEach(entry -> entry.optimizer.close());
  }
}
