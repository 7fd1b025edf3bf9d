package org.panamind.host.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.panamind.host.ranks.Ranks;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.WeightException;
import org.panamind.model.weights.WeightFile;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Tensor;

/**
 * Where the random generators of the CPU and of the run's GPU stand.
 *
 * @param states by kind of device, owned by the current scope
 */
record RandomState(Map<String, Tensor> states) {
  private static final String CPU = "cpu";
  private static final String CUDA = "cuda";

  static RandomState of(Device device) {
    var states = new LinkedHashMap<String, Tensor>();
    states.put(CPU, Generators.state(Device.CPU));
    if (device.isCuda()) states.put(CUDA, Generators.state(device));
    return new RandomState(states);
  }

  /** Those of all ranks under names of their own, as {@link #read} takes them. */
  static Map<String, Tensor> gather(Device device, Ranks ranks) {
    var all = new LinkedHashMap<String, Tensor>();
    of(device)
        .states
        .forEach(
            (name, state) -> {
              var parts = ranks.gather(state);
              for (int rank = 0; rank < parts.length; rank++) {
                all.put(name + suffix(rank), parts[rank]);
              }
            });
    return all;
  }

  private static String suffix(int rank) {
    return rank == 0 ? "" : "." + rank;
  }

  /**
   * Reads what was stored for a rank; the tensors belong to the current scope.
   *
   * @return empty for a rank that the run did not have then
   */
  static Optional<RandomState> read(WeightFile file, int rank) {
    var states = new LinkedHashMap<String, Tensor>();
    for (var name : List.of(CPU, CUDA)) {
      var stored = file.tensors().get(name + suffix(rank));
      if (stored != null) states.put(name, TensorFiles.load(stored));
    }
    if (rank > 0 && states.isEmpty()) return Optional.empty();
    if (!states.containsKey(CPU)) {
      throw new WeightException(
          file.path(), -1, "holds no state of the CPU's generator", "Use an earlier checkpoint.");
    }
    return Optional.of(new RandomState(states));
  }

  /**
   * Puts the generators back. A run that moved to another kind of device has no state for the new
   * one's generator.
   */
  void restore(Device device) {
    Generators.restore(Device.CPU, states.get(CPU));
    var cuda = states.get(CUDA);
    if (device.isCuda() && cuda != null) Generators.restore(device, cuda);
  }
}
