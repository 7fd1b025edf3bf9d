package org.panamind.host.ranks;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.panamind.dataset.order.RankShare;
import org.panamind.torch.GradientReducer;
import org.panamind.torch.Tensor;

/** A process that trains alone. */
public record OneRank() implements Ranks {
  @Override
  public RankShare share() {
    return RankShare.ALONE;
  }

  @Override
  public int attempt() {
    return 0;
  }

  @Override
  public String runId() {
    return "";
  }

  @Override
  public double[] sum(double... values) {
    return values;
  }

  @Override
  public String fromFirst(String text) {
    return text;
  }

  @Override
  public Tensor[] gather(Tensor tensor) {
    return new Tensor[] {tensor};
  }

  @Override
  public void broadcast(Collection<Tensor> tensors, int root) {}

  @Override
  public void requireEqual(String what, Map<String, Tensor> tensors) {}

  @Override
  public Optional<GradientReducer> reducer(Collection<Tensor> parameters) {
    return Optional.empty();
  }

  @Override
  public void step(long step) {}

  @Override
  public void close() {}
}
