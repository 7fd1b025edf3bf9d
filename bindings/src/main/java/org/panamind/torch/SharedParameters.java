package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.panamind.torch.ffi.Panamind;

/** Makes sure that all ranks hold the same parameters. */
public final class SharedParameters {
  private static final int NAMED_AT_MOST = 3;

  private SharedParameters() {}

  /**
   * Copies root's values into all other ranks' tensors.
   *
   * @param parameters of the same shapes and types, in the same order on all ranks
   */
  public static void broadcast(ProcessGroup group, Collection<Tensor> parameters, int root) {
    List<Collective> started = new ArrayList<>();
    try {
      for (var tensor : parameters) started.add(group.startBroadcast(tensor, root));
      started.forEach(Collective::await);
    } finally {
      started.forEach(Collective::close);
    }
  }

  /**
   * Compares names, types, shapes and every bit of the values among all ranks.
   *
   * @throws DistributedException on all ranks alike if they differ; names the first that do
   */
  public static void requireEqual(ProcessGroup group, Map<String, Tensor> parameters) {
    requireEqual(group, "parameters", parameters);
  }

  /**
   * The same for other tensors that ranks must share.
   *
   * @param what they are, in the plural, for the message
   */
  public static void requireEqual(ProcessGroup group, String what, Map<String, Tensor> parameters) {
    var names = new ArrayList<>(parameters.keySet());
    try (var scope = TensorScope.open()) {
      // First what the second comparison relies upon: as many tensors everywhere.
      long[][] outlines =
          gather(group, new long[] {names.size(), String.join("\n", names).hashCode()});
      for (int rank = 1; rank < outlines.length; rank++) {
        if (!Arrays.equals(outlines[rank], outlines[0])) {
          throw new DistributedException(
              "rank "
                  + rank
                  + " has other "
                  + what
                  + " than rank 0: "
                  + outlines[rank][0]
                  + " and "
                  + outlines[0][0]
                  + " tensors, or other names. All ranks must be started with the same options");
        }
      }
      compare(what, names, gather(group, hashes(parameters.values())));
    }
  }

  private static void compare(String what, List<String> names, long[][] hashes) {
    List<String> differing = new ArrayList<>();
    int count = 0;
    for (int i = 0; i < names.size(); i++) {
      for (int rank = 1; rank < hashes.length; rank++) {
        if (hashes[rank][i] == hashes[0][i]) continue;
        if (count++ < NAMED_AT_MOST) differing.add(names.get(i) + " on rank " + rank);
      }
    }
    if (count == 0) return;
    throw new DistributedException(
        what
            + " differ from those of rank 0: "
            + String.join(", ", differing)
            + (count > NAMED_AT_MOST ? " and " + (count - NAMED_AT_MOST) + " more" : ""));
  }

  /**
   * A 64-bit hash of each tensor's type, shape and bytes: equal for equal tensors, on any rank. Not
   * for security.
   */
  public static long[] hashes(Collection<Tensor> tensors) {
    var scratch = Scratch.get();
    scratch.reset();
    try (var arena = Arena.ofConfined()) {
      var out = arena.allocate(JAVA_LONG, Math.max(1, tensors.size()));
      var handles = scratch.handles(tensors.toArray(new Tensor[0]));
      Status.check(Panamind.pm_hash(handles, tensors.size(), out));
      return out.asSlice(0, 8L * tensors.size()).toArray(JAVA_LONG);
    }
  }

  private static long[][] gather(ProcessGroup group, long[] values) {
    var mine = Tensor.of(values, values.length);
    if (group.backend() == Backend.NCCL) mine = mine.to(Device.cuda(-1));
    var parts = group.allGather(mine);
    var all = new long[parts.length][];
    for (int i = 0; i < parts.length; i++) all[i] = parts[i].toLongArray();
    return all;
  }
}
