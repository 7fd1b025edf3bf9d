package org.panamind.host.train;

import java.util.LinkedHashMap;
import java.util.Map;
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

  /** Reads what was stored; the tensors belong to the current scope. */
  static RandomState read(WeightFile file) {
    var states = new LinkedHashMap<String, Tensor>();
    file.tensors().forEach((name, stored) -> states.put(name, TensorFiles.load(stored)));
    if (!states.containsKey(CPU)) {
      throw new WeightException(
          file.path(), -1, "holds no state of the CPU's generator", "Use an earlier checkpoint.");
    }
    return new RandomState(states);
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
