package org.panamind.host.train;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.panamind.torch.Tensor;

/**
 * Parameters divided among owners, about evenly by their elements, the same on all ranks.
 *
 * @param all each tensor once, under its first name
 * @param owners by name
 */
record Partition(Map<String, Tensor> all, Map<String, Integer> owners) {
  /** Gives each parameter in turn to the owner that has the fewest elements. */
  static Partition of(Map<String, Tensor> parameters, int ownerCount) {
    var seen = Collections.newSetFromMap(new IdentityHashMap<Tensor, Boolean>());
    var all = new LinkedHashMap<String, Tensor>();
    var owners = new LinkedHashMap<String, Integer>();
    var elements = new long[ownerCount];
    parameters.forEach(
        (name, tensor) -> {
          if (!seen.add(tensor)) return;
          int least = 0;
          for (int i = 1; i < ownerCount; i++) if (elements[i] < elements[least]) least = i;
          elements[least] += tensor.numel();
          all.put(name, tensor);
          owners.put(name, least);
        });
    return new Partition(all, owners);
  }

  /** One owner's, in order. */
  Map<String, Tensor> ownedBy(int owner) {
    var owned = new LinkedHashMap<String, Tensor>();
    all.forEach(
        (name, tensor) -> {
          if (owners.get(name) == owner) owned.put(name, tensor);
        });
    return owned;
  }
}
